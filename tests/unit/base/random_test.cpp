#include <spillway/base/random.hpp>

#include <gtest/gtest.h>

#include <array>

namespace spillway::base {
namespace {

TEST(Random, is_determined_by_its_seed) {
  Random one(42);
  Random same(42);
  Random other(43);
  const auto first = one.next();
  EXPECT_EQ(first, same.next());
  EXPECT_NE(first, other.next());
  EXPECT_NE(first, one.next());
}

TEST(Random, is_splitmix64) {
  // The first output for seed 0 in the reference implementation of Vigna.
  EXPECT_EQ(Random(0).next(), 0xe220a8397b1dcdafULL);
}

TEST(Random, below_stays_below_and_reaches_everything) {
  Random random(1);
  std::array<int, 10> hits{};
  for (int i = 0; i < 10'000; ++i)
    ++hits.at(random.below(hits.size()));
  for (const int count : hits)
    EXPECT_NEAR(count, 1000, 200);
  EXPECT_EQ(random.below(1), 0U);
}

}  // namespace
}  // namespace spillway::base
