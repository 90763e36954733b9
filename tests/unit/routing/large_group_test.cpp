// Groups of more members than are looked at one by one: whom the requests go to is the same.

#include "support.hpp"

#include <algorithm>

namespace spillway::routing::test {
namespace {

using config::Balance;

constexpr std::size_t kMembers = 40;

std::vector<MemberSpec> members(std::size_t heavy = 0) {
  std::vector<MemberSpec> specs;
  for (std::size_t i = 0; i < kMembers; ++i)
    specs.push_back({"b" + std::to_string(i), 1, i < heavy ? 3U : 1U});
  return specs;
}

std::map<std::string, int> shares(PoolUnderTest& pool, int requests, SteadyTime now) {
  std::map<std::string, int> shares;
  for (int i = 0; i < requests; ++i)
    ++shares[pool.call(answered(200), now)];
  return shares;
}

class LargeGroup : public ::testing::TestWithParam<Balance> {};

TEST_P(LargeGroup, IsSharedByWeight) {
  PoolUnderTest pool(members(10), GetParam());
  auto shares_of = shares(pool, 60'000, at(0s));  // 1,000 for each unit of weight
  for (std::size_t i = 0; i < kMembers; ++i) {
    const int share = shares_of["b" + std::to_string(i)];
    const int expected = i < 10 ? 3'000 : 1'000;
    EXPECT_NEAR(share, expected, expected * 0.15) << i;
  }
}

TEST_P(LargeGroup, WhoIsOutGetsNothingAndTheOthersShareIt) {
  PoolUnderTest pool(members(), GetParam());
  // The first request to each of half of them is told to wait.
  std::vector<std::size_t> others;
  for (std::size_t i = kMembers / 2; i < kMembers; ++i)
    others.push_back(i);
  for (std::size_t i = 0; i < kMembers / 2; ++i)
    EXPECT_NE(pool.call(told_to_wait(429, 60s), at(0s), others), "");
  auto shares_of = shares(pool, 20'000, at(1s));
  for (std::size_t i = 0; i < kMembers / 2; ++i)
    EXPECT_EQ(shares_of["b" + std::to_string(i)], 0) << i;
  for (std::size_t i = kMembers / 2; i < kMembers; ++i)
    EXPECT_NEAR(shares_of["b" + std::to_string(i)], 1'000, 150) << i;
}

TEST_P(LargeGroup, TheOnlyOneLeftIsFound) {
  PoolUnderTest pool(members(), GetParam());
  std::vector<std::size_t> tried;
  for (std::size_t i = 0; i < kMembers; ++i)
    if (i != 17) tried.push_back(i);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(pool.call(answered(200), at(0s), tried), "b17");
  tried.push_back(17);
  EXPECT_EQ(pool.call(answered(200), at(0s), tried), "");
}

TEST_P(LargeGroup, WhoRecoversGetsAPartOfItsShare) {
  config::CircuitBreaker breaker;
  breaker.throttle.slow_start = 100s;
  PoolUnderTest pool(members(), GetParam(), breaker);
  std::vector<std::size_t> others;
  for (std::size_t i = 1; i < kMembers; ++i)
    others.push_back(i);
  EXPECT_EQ(pool.call(told_to_wait(429, 5s), at(0s), others), "b0");
  EXPECT_EQ(pool.call(answered(200), at(6s), others), "b0") << "the trial";
  auto shares_of = shares(pool, 40'000, at(56s));  // half of the way
  EXPECT_NEAR(shares_of["b0"], 500, 120);
}

INSTANTIATE_TEST_SUITE_P(Drawn, LargeGroup,
                         ::testing::Values(Balance::random, Balance::least_requests,
                                           Balance::round_robin));

// As in a small group. Two deployments that take turns must not halve the members between them.
TEST(LargeGroupInTurn, SharesAreExactAndEachDeploymentHasItsOwn) {
  PoolUnderTest pool(members(), Balance::round_robin);
  std::map<std::string, int> of_one;
  std::map<std::string, int> of_other;
  for (std::size_t i = 0; i < 3 * kMembers; ++i) {
    ++of_one[pool.who({"gpt-4o"}, at(0s))];
    ++of_other[pool.who({"o3"}, at(0s))];
  }
  EXPECT_EQ(of_one.size(), kMembers);
  EXPECT_EQ(of_other.size(), kMembers);
  for (const auto& shares : {of_one, of_other}) {
    for (const auto& [name, share] : shares)
      EXPECT_EQ(share, 3) << name;
  }
}

TEST(LargeGroupInFlight, WhoHasMoreInFlightGetsLess) {
  PoolUnderTest pool(members(), Balance::least_requests);
  std::vector<std::size_t> others;
  for (std::size_t i = 1; i < kMembers; ++i)
    others.push_back(i);
  std::vector<Choice> busy;
  for (int i = 0; i < 50; ++i)
    busy.push_back(std::move(*pool.select(at(0s), others)));
  EXPECT_EQ(pool.backend_of(busy.back()), "b0");
  auto shares_of = shares(pool, 40'000, at(0s));
  // It has a request only when both that were drawn are it, which they never are.
  EXPECT_LT(shares_of["b0"], 50);
}

}  // namespace
}  // namespace spillway::routing::test
