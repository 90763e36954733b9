#include <spillway/routing/lottery.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace spillway::routing {
namespace {

TEST(LotteryTest, EachIsDrawnByItsWeight) {
  Lottery lottery;
  const std::vector<std::uint32_t> weights = {1, 5, 1, 13};
  for (const std::uint32_t weight : weights)
    lottery.add(weight);
  EXPECT_EQ(lottery.size(), 4U);
  std::vector<int> drawn(weights.size());
  base::Random random(7);
  for (int i = 0; i < 20'000; ++i)
    ++drawn[lottery.draw(random)];
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const int expected = static_cast<int>(weights[i]) * 1'000;
    EXPECT_NEAR(drawn[i], expected, expected * 0.1 + 50) << i;
  }
}

TEST(LotteryTest, TheOnlyOneIsAlwaysDrawn) {
  Lottery lottery;
  lottery.add(3);
  base::Random random(1);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(lottery.draw(random), 0U);
}

}  // namespace
}  // namespace spillway::routing
