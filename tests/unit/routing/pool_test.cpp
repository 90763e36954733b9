#include "support.hpp"
#include <spillway/routing/exhaustion.hpp>
#include <spillway/routing/pool.hpp>

namespace spillway::routing::test {
namespace {

using config::Balance;

const std::vector<MemberSpec> kPtuAndTwoPaygo = {{"ptu", 1, 1}, {"eastus", 2, 3}, {"sweden", 2, 1}};

TEST(Pool, TheLowestPriorityNumberWins) {
  for (const Balance balance :
       {Balance::random, Balance::round_robin, Balance::least_requests, Balance::headroom}) {
    PoolUnderTest pool(kPtuAndTwoPaygo, balance);
    for (int i = 0; i < 100; ++i)
      EXPECT_EQ(pool.call(answered(200), at(1ms * i)), "ptu");
  }
}

TEST(Pool, SpillsByDefaultWithoutABreakerSection) {
  PoolUnderTest pool(kPtuAndTwoPaygo, Balance::round_robin);
  EXPECT_EQ(pool.call(told_to_wait(429, 5s), at(0s)), "ptu");
  EXPECT_NE(pool.call(answered(200), at(1s)), "ptu");
  EXPECT_EQ(pool.call(answered(200), at(5s)), "ptu");  // the trial
  EXPECT_EQ(pool.call(answered(200), at(5s)), "ptu");
}

TEST(Pool, AHigherNumberIsUsedOnlyWhenEveryLowerOneIsOutOrTried) {
  PoolUnderTest pool({{"a", 1, 1}, {"b", 1, 1}, {"c", 2, 1}, {"d", 7, 1}}, Balance::round_robin);
  EXPECT_EQ(pool.call(answered(200), at(0s), {0}), "b");
  EXPECT_EQ(pool.call(answered(200), at(0s), {0, 1}), "c");
  EXPECT_EQ(pool.call(answered(200), at(0s), {1, 2, 0}), "d");
  EXPECT_EQ(pool.call(answered(200), at(0s), {0, 1, 2, 3}), "");
  EXPECT_EQ(pool.call(answered(429), at(0s), {1}), "a");
  EXPECT_EQ(pool.call(answered(200), at(0s)), "b");
  EXPECT_EQ(pool.call(answered(200), at(0s), {1}), "c");
}

TEST(Pool, TheOrderOfWritingDoesNotMatterToPriorities) {
  PoolUnderTest pool({{"last", 3, 1}, {"first", 1, 1}, {"second", 2, 1}}, Balance::round_robin);
  EXPECT_EQ(pool.call(answered(200), at(0s)), "first");
  EXPECT_EQ(pool.call(answered(200), at(0s), {1}), "second");
  EXPECT_EQ(pool.call(answered(200), at(0s), {1, 2}), "last");
}

TEST(Pool, DeploymentsAreMappedAndDecideWhoCanServe) {
  PoolUnderTest pool({{"ptu", 1, 1, {{"gpt-4o", "gpt-4o-ptu"}}},
                      {"paygo", 2, 1, {{"gpt-4o", "gpt4o"}, {"embeddings", "e3"}}}},
                     Balance::round_robin);
  auto ptu = pool.select(at(0s), {}, "gpt-4o");
  EXPECT_EQ(pool.backend_of(*ptu), "ptu");
  EXPECT_EQ(ptu->upstream_deployment, "gpt-4o-ptu");
  auto paygo = pool.select(at(0s), {}, "embeddings");
  EXPECT_EQ(pool.backend_of(*paygo), "paygo");
  EXPECT_EQ(paygo->upstream_deployment, "e3");
  EXPECT_FALSE(pool.select(at(0s), {}, "gpt-4o-ptu"));
  EXPECT_FALSE(pool->explain({"gpt-4o-ptu"}, at(0s)).is_known_deployment);
}

TEST(Pool, ADeploymentThatNobodyReadGoesOnlyWhereNamesAreKept) {
  PoolUnderTest pool(
      {{"ptu", 1, 1, {{"whisper", "w3"}}}, {"same", 2, 1, {{"whisper", "whisper"}}}, {"any", 3, 1}},
      Balance::round_robin);
  Demand demand;
  demand.is_deployment_unread = true;
  EXPECT_EQ(pool->select(demand, {}, at(0s), 0)->member, 1U);
  EXPECT_EQ(pool->select(demand, std::vector<std::size_t>{1}, at(0s), 0)->member, 2U);
  EXPECT_FALSE(pool->select(demand, std::vector<std::size_t>{1, 2}, at(0s), 0));
  EXPECT_TRUE(pool->explain(demand, at(0s)).is_known_deployment);
}

TEST(Pool, ABackendWithoutDeploymentsServesAnyUnderItsOwnName) {
  PoolUnderTest pool({{"any"}}, Balance::round_robin);
  EXPECT_EQ(pool.select(at(0s), {}, "o4-mini")->upstream_deployment, "o4-mini");
}

TEST(Pool, NoDeploymentNamedAnyMemberWillDo) {
  PoolUnderTest pool({{"a", 1, 1, {{"x", "y"}}}}, Balance::round_robin);
  const auto choice = pool.select(at(0s), {}, "");
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->upstream_deployment, "");
}

TEST(Pool, TwoNamesOfOneDeploymentShareWhatIsKnownOfIt) {
  PoolUnderTest pool({{"a", 1, 1, {{"gpt-4", "main"}, {"gpt-4o", "main"}, {"e", "other"}}}},
                     Balance::round_robin);
  pool.select(at(0s), {}, "gpt-4")->lease.record(answered(429), at(0s));
  EXPECT_FALSE(pool.select(at(0s), {}, "gpt-4o"));
  EXPECT_TRUE(pool.select(at(0s), {}, "e"));
}

TEST(Pool, OneModelsThrottleDoesNotSpillAnother) {
  PoolUnderTest pool({{"a", 1, 1}, {"b", 2, 1}}, Balance::round_robin);
  pool.select(at(0s), {}, "gpt-4o")->lease.record(answered(429), at(0s));
  EXPECT_EQ(pool.backend_of(*pool.select(at(0s), {}, "gpt-4o")), "b");
  EXPECT_EQ(pool.backend_of(*pool.select(at(0s), {}, "embeddings")), "a");
}

TEST(Pool, ABackendThatCannotBeReachedIsOutForAllDeployments) {
  PoolUnderTest pool({{"a", 1, 1}, {"b", 2, 1}}, Balance::round_robin);
  for (int i = 0; i < 5; ++i)
    pool.call(outcome_of_fault(Fault::connect_failed), at(0s));
  EXPECT_EQ(pool.backend_of(*pool.select(at(1s), {}, "gpt-4o")), "b");
  EXPECT_EQ(pool.backend_of(*pool.select(at(1s), {}, "never asked before")), "b");
}

TEST(Pool, AReloadKeepsWhatIsKnown) {
  PoolUnderTest pool({{"a", 1, 1}, {"b", 2, 1}}, Balance::round_robin);
  pool.call(answered(429), at(0s));
  pool.rebuild();
  EXPECT_EQ(pool.call(answered(200), at(1s)), "b");
}

TEST(Pool, SharesByWeightInEveryBalance) {
  for (const Balance balance :
       {Balance::random, Balance::round_robin, Balance::least_requests, Balance::headroom}) {
    PoolUnderTest pool({{"a", 1, 3}, {"b", 1, 1}}, balance);
    std::map<std::string, int> taken;
    for (int i = 0; i < 20000; ++i)
      ++taken[pool.call(answered(200), at(1ms * i))];
    EXPECT_NEAR(taken["a"], 15000, 450) << static_cast<int>(balance);
    EXPECT_NEAR(taken["b"], 5000, 450) << static_cast<int>(balance);
  }
}

TEST(Pool, LeastRequestsAvoidsTheBusy) {
  PoolUnderTest pool({{"a"}, {"b"}}, Balance::least_requests);
  std::vector<Choice> running;
  for (int i = 0; i < 1000; ++i)
    running.push_back(std::move(*pool.select(at(0s))));
  int on_a = 0;
  for (const Choice& choice : running)
    on_a += pool.backend_of(choice) == "a" ? 1 : 0;
  EXPECT_EQ(on_a, 500);
}

TEST(Pool, AMemberBackFromFaultsRampsUp) {
  PoolUnderTest pool({{"a"}, {"b"}}, Balance::round_robin);
  for (int i = 0; i < 5; ++i) {
    auto choice = pool.select(at(0s), {1});
    choice->lease.record(answered(500), at(0s));
  }
  std::map<std::string, int> taken;
  const auto share_of_a = [&](Duration from) {
    taken.clear();
    for (int i = 0; i < 1000; ++i)
      ++taken[pool.call(answered(200), at(from))];
    return taken["a"];
  };
  while (pool.call(answered(200), at(15s)) != "a") {
  }
  EXPECT_NEAR(share_of_a(15s), 91, 15);   // 10 : 100
  EXPECT_NEAR(share_of_a(20s), 333, 15);  // 50 : 100
  EXPECT_NEAR(share_of_a(25s), 500, 15);
}

TEST(Pool, HalfOpenLetsOneOfManyWaitingRequestsThrough) {
  PoolUnderTest pool({{"ptu", 1, 1}, {"paygo", 2, 1}}, Balance::least_requests);
  pool.call(told_to_wait(429, 1s), at(0s));
  std::vector<Choice> running;
  for (int i = 0; i < 50; ++i)
    running.push_back(std::move(*pool.select(at(2s))));
  EXPECT_EQ(pool.backend_of(running[0]), "ptu");
  EXPECT_TRUE(running[0].lease.is_trial());
  for (std::size_t i = 1; i < running.size(); ++i)
    EXPECT_EQ(pool.backend_of(running[i]), "paygo");
  running[0].lease.record(answered(200), at(2s));
  EXPECT_EQ(pool.backend_of(*pool.select(at(2s))), "ptu");
}

TEST(PoolBackend, TheOneAskedForIsTheOnlyOneThatWillDo) {
  PoolUnderTest pool(kPtuAndTwoPaygo, Balance::round_robin);
  const Demand demand = {"gpt-4o", "sweden"};
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(pool.who(demand, at(0s)), "sweden");  // although a lower priority number is free
  EXPECT_TRUE(pool->has_another(demand, {}, at(0s)));
  const std::vector<std::size_t> tried = {2};
  EXPECT_EQ(pool.who(demand, at(0s), tried), "");
  EXPECT_FALSE(pool->has_another(demand, tried, at(0s)));
}

TEST(PoolBackend, ThatIsOutIsNotReplacedByAnother) {
  PoolUnderTest pool(kPtuAndTwoPaygo, Balance::round_robin);
  pool.call(told_to_wait(429, 30s), at(0s));
  const Demand demand = {"gpt-4o", "ptu"};
  EXPECT_EQ(pool.who(demand, at(1s)), "");
  EXPECT_FALSE(pool->has_another(demand, {}, at(1s)));
  EXPECT_EQ(pool.who(demand, at(30s)), "ptu");
  const Exhausted exhausted = pool->explain(demand, at(1s));
  EXPECT_TRUE(exhausted.all_throttled);
  EXPECT_FALSE(exhausted.has_usable);
  EXPECT_EQ(exhausted.soonest, at(30s));
  EXPECT_EQ(exhausted.out.throttled, 1U);
  EXPECT_EQ(describe_exhaustion("p", "gpt-4o", {}, exhausted, at(1s)).status, 429U);
}

TEST(PoolBackend, WhatHappensToOthersIsNotTold) {
  PoolUnderTest pool(kPtuAndTwoPaygo, Balance::round_robin);
  pool.call(told_to_wait(429, 30s), at(0s));  // ptu
  const Exhausted exhausted = pool->explain({"gpt-4o", "sweden"}, at(1s), std::vector{2UL});
  EXPECT_FALSE(exhausted.all_throttled);
  EXPECT_FALSE(exhausted.has_usable);
  EXPECT_FALSE(exhausted.soonest);
  EXPECT_EQ(exhausted.out.throttled, 0U);
}

TEST(PoolBackend, ThatIsNoMemberOrDoesNotServeTheDeploymentIsNobody) {
  PoolUnderTest pool({{"a", 1, 1, {{"gpt-4o", "x"}}}, {"b"}}, Balance::round_robin);
  for (const Demand& demand : {Demand{"gpt-4o", "elsewhere"}, Demand{"embeddings", "a"}}) {
    EXPECT_EQ(pool.who(demand, at(0s)), "");
    EXPECT_FALSE(pool->has_another(demand, {}, at(0s)));
    EXPECT_FALSE(pool->explain(demand, at(0s)).is_known_deployment);
  }
  EXPECT_EQ(pool.who({"", "a"}, at(0s)), "a");
}

TEST(PoolAffinity, PrefersOneMemberInEveryBalance) {
  for (const Balance balance :
       {Balance::random, Balance::round_robin, Balance::least_requests, Balance::headroom}) {
    PoolUnderTest pool({{"a"}, {"b"}, {"c"}}, balance);
    std::map<std::string, int> homes;
    for (std::uint64_t value = 0; value < 300; ++value) {
      const Demand demand = {"gpt-4o", {}, value};
      const std::string home = pool.who(demand, at(0s));
      for (int i = 0; i < 5; ++i)
        EXPECT_EQ(pool.who(demand, at(1s)), home);
      ++homes[home];
    }
    EXPECT_EQ(homes.size(), 3U);
    EXPECT_GT(homes["a"], 60);
  }
}

TEST(PoolAffinity, StaysWithinTheFirstGroupThatHasSomebody) {
  PoolUnderTest pool({{"a", 1, 1}, {"b", 1, 1}, {"c", 2, 1}}, Balance::round_robin);
  for (std::uint64_t value = 0; value < 100; ++value) {
    EXPECT_NE(pool.who({"gpt-4o", {}, value}, at(0s)), "c");
    EXPECT_EQ(pool.who({"gpt-4o", {}, value}, at(0s), {0, 1}), "c");
  }
}

TEST(PoolAffinity, GoesElsewhereWhileItsMemberIsOutAndComesBack) {
  PoolUnderTest pool({{"a"}, {"b"}, {"c"}}, Balance::least_requests);
  const Demand demand = {"gpt-4o", {}, 7};
  const std::string home = pool.who(demand, at(0s));
  auto choice = pool->select(demand, {}, at(0s), 1);
  choice->lease.record(told_to_wait(429, 5s), at(0s));
  choice->lease.release();
  const std::string second = pool.who(demand, at(1s));
  EXPECT_NE(second, home);
  EXPECT_EQ(pool.who(demand, at(2s)), second);
  EXPECT_EQ(pool.who(demand, at(5s)), home);
}

TEST(PoolAffinity, IsBoundedByLoad) {
  PoolUnderTest pool({{"a"}, {"b"}}, Balance::round_robin);
  std::vector<Choice> running;
  std::map<std::string, int> taken;
  for (int i = 0; i < 100; ++i) {
    running.push_back(std::move(*pool->select({"gpt-4o", {}, 7}, {}, at(0s), 1)));
    ++taken[pool.backend_of(running.back())];
  }
  EXPECT_NEAR(std::max(taken["a"], taken["b"]), 63, 2);  // 1.25 of a half
}

TEST(PoolHeadroom, PrefersWhoHasRoomUntilTheNewsIsOld) {
  PoolUnderTest pool({{"a"}, {"b"}}, Balance::headroom);
  aoai::RateLimits nearly_full;
  nearly_full.utilization = 0.9;
  pool.select(at(0s), {1})->lease.learn_headroom(nearly_full, at(0s));
  const auto share_of_a = [&](Duration now) {
    int taken = 0;
    for (int i = 0; i < 10000; ++i)
      taken += pool.who({"gpt-4o"}, at(now)) == "a" ? 1 : 0;
    return taken;
  };
  EXPECT_NEAR(share_of_a(0s), 909, 150);   // 1 : 10
  EXPECT_NEAR(share_of_a(5s), 3548, 300);  // 5.5 : 10
  EXPECT_NEAR(share_of_a(2min), 5000, 300);
}

TEST(PoolHeadroom, NewsIsIgnoredByOtherBalances) {
  PoolUnderTest pool({{"a"}, {"b"}}, Balance::least_requests);
  aoai::RateLimits full;
  full.utilization = 1;
  pool.select(at(0s), {1})->lease.learn_headroom(full, at(0s));
  int taken = 0;
  for (int i = 0; i < 10000; ++i)
    taken += pool.who({"gpt-4o"}, at(0s)) == "a" ? 1 : 0;
  EXPECT_NEAR(taken, 5000, 300);
}

TEST(PoolExplain, AllThrottledAndTheSoonestOfThem) {
  PoolUnderTest pool({{"a", 1, 1}, {"b", 2, 1}}, Balance::round_robin);
  pool.call(told_to_wait(429, 60s), at(0s));
  pool.call(told_to_wait(429, 20s), at(0s));
  const Exhausted exhausted = pool->explain({"gpt-4o"}, at(5s));
  EXPECT_TRUE(exhausted.all_throttled);
  EXPECT_FALSE(exhausted.has_usable);
  EXPECT_EQ(exhausted.soonest, at(20s));
  EXPECT_EQ(exhausted.out.throttled, 2U);
  const Exhaustion e = describe_exhaustion("p", "gpt-4o", {}, exhausted, at(5s));
  EXPECT_EQ(e.status, 429U);
  EXPECT_EQ(retry_after_seconds(*e.retry_after), 16U);
  EXPECT_EQ(retry_after_milliseconds(*e.retry_after), 15000U);
}

TEST(PoolExplain, MembersThatCannotServeDoNotCount) {
  PoolUnderTest pool({{"a", 1, 1, {{"gpt-4o", "x"}}}, {"b", 2, 1, {{"embeddings", "e"}}}},
                     Balance::round_robin);
  pool.call(told_to_wait(429, 60s), at(0s));
  EXPECT_TRUE(pool->explain({"gpt-4o"}, at(0s)).all_throttled);
  EXPECT_EQ(pool->explain({"gpt-4o"}, at(0s)).soonest, at(60s));
}

TEST(PoolExplain, ADayLongRetryAfterIsBoundedByTheBreaker) {
  PoolUnderTest pool({{"a"}}, Balance::round_robin);
  pool.call(told_to_wait(429, 24h), at(0s));
  EXPECT_EQ(pool->explain({"gpt-4o"}, at(0s)).soonest, at(2min));
}

TEST(PoolExplain, ATriedMemberThatStaysClosedIsNotUsable) {
  PoolUnderTest pool({{"a"}, {"b"}}, Balance::round_robin);
  const std::vector<std::size_t> tried = {0, 1};
  EXPECT_FALSE(pool->explain({"gpt-4o"}, at(0s), tried).has_usable);
  EXPECT_FALSE(pool->explain({"gpt-4o"}, at(0s), tried).soonest);
  EXPECT_TRUE(pool->explain({"gpt-4o"}, at(0s), std::span(tried).first(1)).has_usable);
  EXPECT_TRUE(pool->has_another({"gpt-4o"}, std::span(tried).first(1), at(0s)));
  EXPECT_FALSE(pool->has_another({"gpt-4o"}, tried, at(0s)));
}

TEST(PoolExplain, WhileATrialIsUnderWayItIsWorthAskingInASecond) {
  PoolUnderTest pool({{"a"}}, Balance::round_robin);
  pool.call(answered(429), at(0s));
  const auto trial = pool.select(at(10s));
  const Exhausted exhausted = pool->explain({"gpt-4o"}, at(10s));
  EXPECT_EQ(exhausted.soonest, at(11s));
  EXPECT_EQ(describe_exhaustion("p", "gpt-4o", {}, exhausted, at(10s)).status, 429U);
}

TEST(Pool, HasAUsableMemberUntilAllAreOut) {
  const std::map<std::string, std::string, std::less<>> mapped = {{"gpt-4o", "x"}};
  for (const auto& deployments : {mapped, {}}) {
    PoolUnderTest pool({{"a", 1, 1, deployments}, {"b", 1, 1, deployments}}, Balance::round_robin);
    EXPECT_TRUE(pool->has_usable_member(at(0s)));
    pool.call(answered(429), at(0s));
    EXPECT_TRUE(pool->has_usable_member(at(0s)));
    pool.call(answered(429), at(0s));
    EXPECT_FALSE(pool->has_usable_member(at(0s)));
    EXPECT_TRUE(pool->has_usable_member(at(10s)));
  }
}

}  // namespace
}  // namespace spillway::routing::test
