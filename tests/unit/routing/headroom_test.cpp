#include "support.hpp"
#include <spillway/routing/backend_state.hpp>
#include <spillway/routing/headroom.hpp>

#include <thread>

namespace spillway::routing::test {
namespace {

constexpr double kFull = Headroom::kFull;

TEST(Headroom, NothingKnownIsAllTheRoom) {
  const Headroom headroom;
  EXPECT_EQ(headroom.at(at(0s)), Headroom::kFull);
}

TEST(Headroom, TheNewestNewsCounts) {
  Headroom headroom;
  headroom.learn(0.25, at(0s));
  EXPECT_NEAR(headroom.at(at(0s)), kFull / 4, 1);
  headroom.learn(0.75, at(1s));
  EXPECT_NEAR(headroom.at(at(1s)), kFull * 3 / 4, 1);
  headroom.learn(1, at(2s));
  EXPECT_EQ(headroom.at(at(2s)), Headroom::kFull);
}

TEST(Headroom, WhatIsUsedFadesByHalfInAHalfLife) {
  Headroom headroom;
  headroom.learn(0, at(0s));
  EXPECT_EQ(headroom.at(at(0s)), 0U);
  EXPECT_NEAR(headroom.at(at(Headroom::kHalfLife)), kFull / 2, 1);
  EXPECT_NEAR(headroom.at(at(2 * Headroom::kHalfLife)), kFull * 3 / 4, 1);
  EXPECT_EQ(headroom.at(at(1h)), Headroom::kFull);
}

TEST(Headroom, NewsFromAClockThatIsAheadIsFresh) {
  Headroom headroom;
  headroom.learn(0.5, at(10s));
  EXPECT_NEAR(headroom.at(at(9s)), kFull / 2, 1);
}

TEST(Headroom, SharesBeyondTheEndsAreTheEnds) {
  Headroom headroom;
  headroom.learn(-3, at(0s));
  EXPECT_EQ(headroom.at(at(0s)), 0U);
  headroom.learn(7, at(0s));
  EXPECT_EQ(headroom.at(at(0s)), Headroom::kFull);
}

TEST(Headroom, ALeaseTeachesItsDeploymentOnly) {
  BackendStates states;
  const auto gpt = states.backend("eastus")->configured_deployment("gpt-4o");
  const auto embeddings = states.backend("eastus")->configured_deployment("embeddings");
  const config::CircuitBreaker rules;
  auto lease = Lease::acquire(gpt, rules, at(0s));
  ASSERT_TRUE(lease);
  lease->learn_headroom({}, at(0s));
  EXPECT_EQ(gpt->room(at(0s)), Headroom::kFull);
  aoai::RateLimits limits;
  limits.utilization = 0.75;
  lease->learn_headroom(limits, at(0s));
  EXPECT_NEAR(gpt->room(at(0s)), kFull / 4, 1);
  EXPECT_EQ(embeddings->room(at(0s)), Headroom::kFull);
  lease->release();
  lease->learn_headroom(limits, at(9s));  // late, and harmless
  EXPECT_GT(gpt->room(at(9s)), Headroom::kFull / 2);
}

TEST(Headroom, ShareAndTimeStayTogetherBetweenThreads) {
  Headroom headroom;
  std::vector<std::jthread> threads;
  // Full room is said late and none early: torn, they would show none, late.
  for (const auto& [room, when] : {std::pair{0.0, at(0s)}, std::pair{0.5, at(1h)}}) {
    threads.emplace_back([&headroom, room = room, when = when] {
      for (int i = 0; i < 20000; ++i)
        headroom.learn(room, when);
    });
  }
  for (int i = 0; i < 20000; ++i)
    ASSERT_GE(headroom.at(at(1h)), Headroom::kFull / 2);
}

}  // namespace
}  // namespace spillway::routing::test
