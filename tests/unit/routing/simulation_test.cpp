// Whole stories on a clock moved by hand: thousands of virtual requests through select, decide,
// record and describe_exhaustion as the gateway puts them together.
#include "support.hpp"
#include <spillway/routing/exhaustion.hpp>
#include <spillway/routing/retry_policy.hpp>

#include <functional>

namespace spillway::routing::test {
namespace {

using config::Balance;

struct Result {
  unsigned status = 0;
  unsigned attempts = 0;
  std::string backend;
  std::optional<Duration> retry_after;
};

/// What a backend answers at a time.
using Behaviour = std::function<Outcome(SteadyTime)>;

class Simulation {
 public:
  Simulation(const std::vector<MemberSpec>& members, Balance balance) : pool(members, balance) {}

  /// One request, all its attempts at the same moment.
  Result request(SteadyTime now) {
    std::vector<std::size_t> tried;
    std::vector<Outcome> outcomes;
    Progress progress;
    pool->retry_budget().note_request(now);
    for (;;) {
      auto choice = pool.select(now, tried);
      if (!choice) return refuse(outcomes, tried, now);
      const std::string& backend = pool.backend_of(*choice);
      const Outcome outcome = behaviours.at(backend)(now);
      ++calls[backend];
      ++progress.attempts;
      tried.push_back(choice->member);
      outcomes.push_back(outcome);
      choice->lease.record(outcome, now);
      progress.has_budget = pool->retry_budget().has_retry(now);
      const Decision decision = decide(outcome, progress);
      if (decision == Decision::deliver) {
        return {outcome.status, progress.attempts, backend, std::nullopt};
      }
      if (decision == Decision::give_up) return refuse(outcomes, tried, now);
      if (outcome.kind == OutcomeKind::fault) pool->retry_budget().take_retry(now);
    }
  }

  /// How requests at a steady pace ended, by backend, or by "refused <status>".
  std::map<std::string, int> run(Duration from, Duration until, Duration pace) {
    std::map<std::string, int> ends;
    for (Duration now = from; now < until; now += pace) {
      const Result result = request(at(now));
      ++ends[result.status == 200 ? result.backend : "refused " + std::to_string(result.status)];
    }
    return ends;
  }

  PoolUnderTest pool;
  std::map<std::string, Behaviour> behaviours;
  std::map<std::string, int> calls;

 private:
  Result refuse(const std::vector<Outcome>& outcomes, const std::vector<std::size_t>& tried,
                SteadyTime now) {
    const Exhaustion e = describe_exhaustion("production", "gpt-4o", outcomes,
                                             pool->explain({"gpt-4o"}, now, tried), now);
    return {e.status, static_cast<unsigned>(outcomes.size()), "", e.retry_after};
  }
};

Outcome well(SteadyTime) {
  return answered(200);
}
Outcome dead(SteadyTime) {
  return outcome_of_fault(Fault::connect_failed);
}
Outcome sick(SteadyTime) {
  return answered(500);
}

/// Admits `limit` requests in each whole second and says how long the rest of it lasts.
Behaviour throttled_to(int limit) {
  auto used = std::make_shared<std::map<std::int64_t, int>>();
  return [limit, used](SteadyTime now) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if ((*used)[second.time_since_epoch().count()]++ < limit) return answered(200);
    return told_to_wait(429, second + 1s - now, DelaySource::retry_after_ms);
  };
}

Behaviour between(Duration from, Duration until, Behaviour then, Behaviour otherwise) {
  return [=](SteadyTime now) {
    return now >= at(from) && now < at(until) ? then(now) : otherwise(now);
  };
}

TEST(Simulation, APtuIsUsedToItsLimitAndTheRestSpillsUnseen) {
  Simulation s({{"ptu", 1, 1}, {"eastus", 2, 3}, {"sweden", 2, 1}}, Balance::round_robin);
  s.behaviours = {{"ptu", throttled_to(40)}, {"eastus", well}, {"sweden", well}};
  const auto ends = s.run(0s, 100s, 10ms);  // 100 requests a second, 40 of them fit
  EXPECT_EQ(ends.at("ptu"), 4000);
  EXPECT_NEAR(ends.at("eastus"), 4500, 10);
  EXPECT_NEAR(ends.at("sweden"), 1500, 10);
  EXPECT_EQ(ends.size(), 3U);
  // Known to be throttled, it is not called again just to see: one 429 each second.
  EXPECT_EQ(s.calls["ptu"], 4100);
}

TEST(Simulation, ARegionDiesAndComesBackAndNobodyNotices) {
  for (const Balance balance : {Balance::random, Balance::round_robin, Balance::least_requests}) {
    Simulation s({{"a"}, {"b"}, {"c"}}, balance);
    s.behaviours = {{"a", between(20s, 60s, dead, well)}, {"b", well}, {"c", well}};
    const auto before = s.run(0s, 20s, 10ms);
    EXPECT_NEAR(before.at("a"), 667, 100);
    s.calls.clear();
    const auto during = s.run(20s, 60s, 10ms);
    EXPECT_EQ(during.count("a"), 0U);
    EXPECT_EQ(during.at("b") + during.at("c"), 4000);
    // 5 to open it; then a trial after 15 s; the next would be after 30 s more.
    EXPECT_EQ(s.calls["a"], 6);
    const auto after = s.run(80s, 120s, 10ms);
    EXPECT_NEAR(after.at("a"), 1333, 200);
    EXPECT_EQ(after.size(), 3U);
  }
}

TEST(Simulation, TenThousandRequestsWhileOneOfThreeIsAlwaysInTrouble) {
  Simulation s({{"a"}, {"b"}, {"c"}}, Balance::round_robin);
  s.behaviours = {{"a", between(5s, 30s, dead, well)},
                  {"b", between(35s, 60s, sick, well)},
                  {"c", between(65s, 95s, throttled_to(2), well)}};
  const auto ends = s.run(0s, 100s, 10ms);
  EXPECT_EQ(ends.at("a") + ends.at("b") + ends.at("c"), 10000);
}

TEST(Simulation, AllThrottledSays429WithTheSoonestRecoveryAndCallsNobodyMeanwhile) {
  Simulation s({{"ptu", 1, 1}, {"paygo", 2, 1}}, Balance::round_robin);
  s.behaviours = {{"ptu", between(
                              0s, 30s, [](SteadyTime) { return told_to_wait(429, 30s); }, well)},
                  {"paygo", between(
                                0s, 8s, [](SteadyTime) { return told_to_wait(429, 8s); }, well)}};
  const Result first = s.request(at(0s));
  EXPECT_EQ(first.status, 429U);
  EXPECT_EQ(first.attempts, 2U);
  EXPECT_EQ(first.retry_after, 8s);
  const Result second = s.request(at(3s));
  EXPECT_EQ(second.status, 429U);
  EXPECT_EQ(second.attempts, 0U);
  EXPECT_EQ(second.retry_after, 5s);
  EXPECT_EQ(s.request(at(8s)).backend, "paygo");
  EXPECT_EQ(s.request(at(30s)).backend, "ptu");
}

TEST(Simulation, EverybodySickStopsAskingAndRecovers) {
  Simulation s({{"a"}, {"b"}, {"c"}}, Balance::least_requests);
  for (const char* name : {"a", "b", "c"}) {
    s.behaviours[name] = between(0s, 60s, sick, well);
  }
  auto ends = s.run(0s, 60s, 1ms);
  EXPECT_EQ(ends.count("a") + ends.count("b") + ends.count("c"), 0U);
  // Each: 5 to open, then trials after 15 and 30 s more. Sixty thousand requests, 21 calls.
  EXPECT_EQ(s.calls["a"] + s.calls["b"] + s.calls["c"], 21);
  ends = s.run(130s, 190s, 1ms);
  EXPECT_EQ(ends["a"] + ends["b"] + ends["c"], 60000);
}

TEST(Simulation, TheBudgetKeepsRetriesAfterFaultsToAShare) {
  // Sick one time in two, and rules so lax that no breaker helps.
  config::CircuitBreaker lax;
  lax.faults.failure_condition.count = 1'000'000;
  Simulation s({{"a"}, {"b"}}, Balance::round_robin);
  s.pool.configuration.pools[0].circuit_breaker = lax;
  s.pool.rebuild();
  base::Random coin(9);
  const Behaviour flaky = [&](SteadyTime now) {
    return coin.below(2) == 0 ? sick(now) : well(now);
  };
  s.behaviours = {{"a", flaky}, {"b", flaky}};
  s.run(0s, 100s, 5ms);
  const int calls = s.calls["a"] + s.calls["b"];
  EXPECT_LE(calls, 20000 * 12 / 10 + 10);
  EXPECT_GE(calls, 20000 * 117 / 100);
}

TEST(Simulation, AFlappingBackendIsTriedByOneRequestAtATime) {
  Simulation s({{"flapping", 1, 1}, {"steady", 2, 1}}, Balance::round_robin);
  int n = 0;
  s.behaviours = {
      {"flapping", [&](SteadyTime now) { return ++n % 2 == 0 ? well(now) : sick(now); }},
      {"steady", well}};
  const auto ends = s.run(0s, 600s, 10ms);
  EXPECT_EQ(ends.at("flapping") + ends.at("steady"), 60000);
}

}  // namespace
}  // namespace spillway::routing::test
