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

TEST(LotteryTest, TurnsGiveEachItsWeightFromAnyTurnOn) {
  for (const std::vector<std::uint32_t>& weights :
       {std::vector<std::uint32_t>{1, 5, 1, 13}, std::vector<std::uint32_t>(200, 1),
        std::vector<std::uint32_t>{1000, 1000, 500}, std::vector<std::uint32_t>{7}}) {
    Lottery lottery;
    std::uint64_t tickets = 0;
    for (const std::uint32_t weight : weights) {
      lottery.add(weight);
      tickets += weight;
    }
    for (const std::uint64_t from : {std::uint64_t{0}, std::uint64_t{17}, ~std::uint64_t{0} / 3}) {
      std::vector<std::uint32_t> had(weights.size());
      for (std::uint64_t n = from; n < from + tickets; ++n)
        ++had[lottery.turn(n)];
      EXPECT_EQ(had, weights) << from;
    }
  }
}

TEST(LotteryTest, TurnsLieSpread) {
  Lottery lottery;
  lottery.add(50);
  lottery.add(50);
  int in_a_row = 0;
  for (std::uint64_t n = 1; n < 100; ++n) {
    in_a_row = lottery.turn(n) == lottery.turn(n - 1) ? in_a_row + 1 : 0;
    EXPECT_LT(in_a_row, 3) << n;
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
