#include "support.hpp"
#include <spillway/routing/backend_state.hpp>

#include <atomic>
#include <thread>

namespace spillway::routing::test {
namespace {

const config::CircuitBreaker kRules;

class BackendStateTest : public testing::Test {
 protected:
  std::shared_ptr<BackendState> state(std::string_view deployment = "gpt-4o") {
    return backend->configured_deployment(deployment);
  }
  static std::vector<Transition> tell(const std::shared_ptr<BackendState>& state,
                                      const Outcome& outcome, SteadyTime now) {
    auto lease = Lease::acquire(state, kRules, now);
    return lease ? lease->record(outcome, now) : std::vector<Transition>();
  }

  BackendStates states;
  std::shared_ptr<Backend> backend = states.backend("eastus");
};

TEST_F(BackendStateTest, ALeaseCountsAsInFlightUntilReleased) {
  auto lease = Lease::acquire(state(), kRules, at(0s));
  ASSERT_TRUE(lease);
  EXPECT_EQ(state()->in_flight(), 1U);
  lease->record(answered(200), at(1s));
  EXPECT_EQ(state()->in_flight(), 1U);
  lease->release();
  lease->release();
  EXPECT_EQ(state()->in_flight(), 0U);
  EXPECT_TRUE(lease->record(answered(429), at(2s)).empty());
}

TEST_F(BackendStateTest, MovingALeaseMovesTheCount) {
  auto first = Lease::acquire(state(), kRules, at(0s));
  Lease second = std::move(*first);
  EXPECT_FALSE(*first);
  EXPECT_EQ(state()->in_flight(), 1U);
  second = std::move(*Lease::acquire(state(), kRules, at(0s)));
  EXPECT_EQ(state()->in_flight(), 1U);
  second = Lease();
  EXPECT_EQ(state()->in_flight(), 0U);
}

TEST_F(BackendStateTest, ADestroyedLeaseGivesItsTrialBack) {
  tell(state(), answered(429), at(0s));
  {
    const auto trial = Lease::acquire(state(), kRules, at(10s));
    ASSERT_TRUE(trial);
    EXPECT_TRUE(trial->is_trial());
    EXPECT_FALSE(Lease::acquire(state(), kRules, at(10s)));
    EXPECT_FALSE(state()->would_admit(at(10s)));
  }
  EXPECT_TRUE(state()->would_admit(at(10s)));
}

TEST_F(BackendStateTest, OpeningAndClosingAreTold) {
  const auto opened = tell(state(), told_to_wait(429, 5s), at(0s));
  ASSERT_EQ(opened.size(), 1U);
  EXPECT_EQ(opened[0].backend, "eastus");
  EXPECT_EQ(opened[0].deployment, "gpt-4o");
  EXPECT_EQ(opened[0].to, BreakerState::open);
  EXPECT_EQ(opened[0].until, at(5s));
  const auto closed = tell(state(), answered(200), at(5s));
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].from, BreakerState::half_open);
  EXPECT_EQ(closed[0].to, BreakerState::closed);
}

TEST_F(BackendStateTest, OneModelsThrottleDoesNotBenchAnother) {
  tell(state("gpt-4o"), answered(429), at(0s));
  EXPECT_FALSE(state("gpt-4o")->would_admit(at(0s)));
  EXPECT_TRUE(state("embeddings")->would_admit(at(0s)));
}

TEST_F(BackendStateTest, ConnectFailuresOpenEveryDeploymentOfTheBackend) {
  std::vector<Transition> told;
  for (const std::string_view deployment : {"a", "b", "a", "c", "b"}) {
    EXPECT_TRUE(told.empty());
    told = tell(state(deployment), outcome_of_fault(Fault::connect_failed), at(0s));
  }
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].deployment, kAllDeployments);
  for (const std::string_view deployment : {"a", "b", "c", "never asked for"}) {
    EXPECT_FALSE(state(deployment)->would_admit(at(14s))) << deployment;
  }
  EXPECT_TRUE(states.backend("sweden")->configured_deployment("a")->would_admit(at(0s)));
}

TEST_F(BackendStateTest, AnUnreachableBackendIsTriedByOneRequestOfAllDeployments) {
  for (int i = 0; i < 5; ++i) {
    tell(state("a"), outcome_of_fault(Fault::dns_failed), at(0s));
  }
  auto trial = Lease::acquire(state("a"), kRules, at(15s));
  ASSERT_TRUE(trial);
  EXPECT_TRUE(trial->is_trial());
  EXPECT_FALSE(Lease::acquire(state("b"), kRules, at(15s)));
  const auto told = trial->record(answered(429), at(16s));
  ASSERT_EQ(told.size(), 2U);  // reachable again, and throttled
  EXPECT_EQ(told[0].to, BreakerState::closed);
  EXPECT_EQ(told[1].to, BreakerState::open);
  EXPECT_TRUE(state("b")->would_admit(at(16s)));
  EXPECT_FALSE(state("a")->would_admit(at(16s)));
}

// Successes count where failures are counted as a share: in either breaker, whichever rule it is.
TEST_F(BackendStateTest, SharesAreOfAllRequestsInBothBreakers) {
  config::CircuitBreaker shares;
  for (config::FailureCondition* condition :
       {&shares.throttle.failure_condition, &shares.faults.failure_condition}) {
    condition->count = 0;
    condition->percentage = 50;
    condition->minimum_requests = 20;
  }
  const auto openings = [&](std::string_view deployment, const Outcome& outcome, int times) {
    std::size_t changes = 0;
    for (int i = 0; i < times; ++i) {
      auto lease = Lease::acquire(state(deployment), shares, at(0s));
      if (lease) changes += lease->record(outcome, at(0s)).size();
    }
    return changes;
  };
  EXPECT_EQ(openings("a", answered(200), 30), 0U);
  EXPECT_EQ(openings("a", answered(429), 29), 0U);
  EXPECT_EQ(openings("a", answered(429), 1), 1U);
  EXPECT_TRUE(state("b")->would_admit(at(0s)));
  // The backend has seen 60 requests, all of them with an answer.
  EXPECT_EQ(openings("b", outcome_of_fault(Fault::dns_failed), 59), 0U);
  EXPECT_EQ(openings("b", outcome_of_fault(Fault::dns_failed), 1), 1U);
  EXPECT_FALSE(state("c")->would_admit(at(0s)));
}

TEST_F(BackendStateTest, ADeploymentThatSaysNoKeepsTheBackendsTrialFree) {
  tell(state("a"), told_to_wait(429, 60s), at(0s));
  for (int i = 0; i < 5; ++i) {
    tell(state("b"), outcome_of_fault(Fault::tls_failed), at(0s));
  }
  EXPECT_FALSE(Lease::acquire(state("a"), kRules, at(15s)));
  EXPECT_TRUE(Lease::acquire(state("b"), kRules, at(15s)));
}

TEST_F(BackendStateTest, WeightGrowsAfterFaultsAndNotAfterThrottles) {
  for (int i = 0; i < 5; ++i)
    tell(state("sick"), answered(500), at(0s));
  tell(state("sick"), answered(200), at(15s));
  EXPECT_EQ(state("sick")->weight_percent(at(15s)), 10U);
  EXPECT_EQ(state("sick")->weight_percent(at(20s)), 50U);
  EXPECT_EQ(state("sick")->weight_percent(at(25s)), 100U);
  tell(state("busy"), answered(429), at(0s));
  tell(state("busy"), answered(200), at(10s));
  EXPECT_EQ(state("busy")->weight_percent(at(10s)), 100U);
}

TEST_F(BackendStateTest, StateIsKeptByName) {
  tell(state(), answered(429), at(0s));
  EXPECT_FALSE(states.backend("eastus")->configured_deployment("gpt-4o")->would_admit(at(0s)));
}

TEST_F(BackendStateTest, WhatIsNoLongerConfiguredIsForgotten) {
  tell(state(), answered(429), at(0s));
  states.backend("sweden");
  config::Backend sweden;
  sweden.name = "sweden";
  states.retain(std::span(&sweden, 1));
  ASSERT_EQ(states.snapshot(at(0s)).size(), 1U);
  EXPECT_TRUE(states.backend("eastus")->configured_deployment("gpt-4o")->would_admit(at(0s)));
}

TEST_F(BackendStateTest, NamesThatCallersMakeUpAreBounded) {
  state("configured");
  for (int i = 0; i < 5000; ++i) {
    tell(backend->deployment("made-up-" + std::to_string(i), at(0s)), answered(404), at(0s));
  }
  EXPECT_LE(backend->deployments().size(), Backend::kMaxUnconfigured + 2);
  EXPECT_EQ(backend->deployment("one more", at(0s))->deployment(), Backend::kSharedDeployment);
  EXPECT_EQ(backend->deployment("configured", at(0s))->deployment(), "configured");
}

TEST_F(BackendStateTest, UnusedNamesMakeRoomButOpenAndBusyOnesStay) {
  const auto early = at(0s);
  tell(backend->deployment("throttled", early), told_to_wait(429, 2min), early);
  const auto busy = Lease::acquire(backend->deployment("busy", early), kRules, early);
  for (int i = 0; i < 300; ++i) {
    tell(backend->deployment("typo-" + std::to_string(i), early), answered(404), early);
  }
  const auto later = at(11min);
  EXPECT_EQ(backend->deployment("gpt-5", later)->deployment(), "gpt-5");
  EXPECT_EQ(backend->find_deployment("typo-1"), nullptr);
  EXPECT_NE(backend->find_deployment("throttled"), nullptr);
  EXPECT_NE(backend->find_deployment("busy"), nullptr);
}

TEST_F(BackendStateTest, TheSnapshotSaysWhyAndUntilWhen) {
  tell(state("gpt-4o"), told_to_wait(429, 33s, DelaySource::retry_after_ms), at(0s));
  const auto running = Lease::acquire(state("embeddings"), kRules, at(0s));
  const auto all = states.snapshot(at(3s));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].name, "eastus");
  EXPECT_EQ(all[0].in_flight, 1U);
  ASSERT_EQ(all[0].deployments.size(), 2U);
  EXPECT_EQ(all[0].deployments[0].name, "embeddings");
  EXPECT_EQ(all[0].deployments[0].in_flight, 1U);
  const BreakerView& throttled = all[0].deployments[1].breaker;
  EXPECT_EQ(throttled.state, BreakerState::open);
  EXPECT_EQ(describe(throttled.trip), "throttle: 429");
  EXPECT_EQ(name_of(throttled.trip.source), "retry-after-ms");
  EXPECT_EQ(throttled.since, at(0s));
  EXPECT_EQ(throttled.until, at(33s));
}

TEST_F(BackendStateTest, TheSnapshotShowsAnUnreachableBackendOnEachDeployment) {
  tell(state("busy"), told_to_wait(429, 60s), at(0s));
  for (int i = 0; i < 5; ++i) {
    tell(state("well"), outcome_of_fault(Fault::connect_failed), at(0s));
  }
  const auto all = states.snapshot(at(1s));
  EXPECT_EQ(all[0].breaker.state, BreakerState::open);
  EXPECT_EQ(describe(all[0].deployments[0].breaker.trip), "throttle: 429");  // the longer one
  EXPECT_EQ(describe(all[0].deployments[1].breaker.trip), "faults: connect_failed");
}

TEST_F(BackendStateTest, ThreadsNeverHaveMoreThanOneTrialBetweenThem) {
  std::atomic<int> trials = 0;
  std::atomic<int> most = 0;
  const auto shared = state();
  tell(shared, answered(429), at(0s));
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 5000; ++i) {
          auto lease = Lease::acquire(shared, kRules, at(10s));
          if (!lease) continue;
          const int now_out = ++trials;
          int seen = most.load();
          while (now_out > seen && !most.compare_exchange_weak(seen, now_out)) {
          }
          --trials;
        }
      });
    }
  }
  EXPECT_EQ(most, 1);
  EXPECT_EQ(shared->in_flight(), 0U);
}

TEST_F(BackendStateTest, ThreadsLookingUpAndTellingDoNotDisturbEachOther) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      base::Random random(static_cast<std::uint64_t>(t));
      for (int i = 0; i < 3000; ++i) {
        const SteadyTime now = at(std::chrono::milliseconds(i));
        const auto known = backend->deployment("d" + std::to_string(random.below(400)), now);
        auto lease = Lease::acquire(known, kRules, now);
        if (lease) lease->record(answered(random.below(2) == 0 ? 200 : 429), now);
        EXPECT_TRUE(i % 500 != 0 || !states.snapshot(now).empty());
      }
    });
  }
  threads.clear();
  EXPECT_EQ(states.snapshot(at(0s))[0].in_flight, 0U);
}

}  // namespace
}  // namespace spillway::routing::test
