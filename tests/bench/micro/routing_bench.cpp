// What choosing a backend costs, and telling its breaker how it went.
#include <spillway/base/time.hpp>
#include <spillway/routing/pool.hpp>

#include <benchmark/benchmark.h>
#include <string>

namespace spillway::routing {
namespace {

base::SteadyTime at(std::int64_t microseconds) {
  return base::SteadyTime(std::chrono::hours(1000)) + std::chrono::microseconds(microseconds);
}

Outcome answered(unsigned status) {
  Outcome outcome;
  outcome.kind = classify_status(status, true, false);
  outcome.status = status;
  return outcome;
}

config::Configuration configuration_of(std::int64_t backends, config::Balance balance) {
  config::Configuration configuration;
  config::Pool pool;
  pool.name = "default";
  pool.balance = balance;
  for (std::int64_t i = 0; i < backends; ++i) {
    config::Backend backend;
    backend.name = "backend-" + std::to_string(i);
    pool.members.push_back({backend.name, 1, 1});
    configuration.backends.push_back(std::move(backend));
  }
  configuration.pools.push_back(std::move(pool));
  return configuration;
}

// A request: choose, tell the breaker, let go.
void choose_and_record(benchmark::State& state, config::Balance balance) {
  const config::Configuration configuration = configuration_of(state.range(0), balance);
  BackendStates states;
  Pool pool(configuration, configuration.pools.front(), states);
  Demand demand;
  demand.deployment = "gpt-4o";
  const Outcome outcome = answered(200);
  std::int64_t now = 0;
  std::uint64_t random = 1;
  for (auto _ : state) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    auto choice = pool.select(demand, {}, at(++now), random);
    benchmark::DoNotOptimize(choice->lease.record(outcome, at(now)));
  }
}
BENCHMARK_CAPTURE(choose_and_record, round_robin, config::Balance::round_robin)->Arg(2)->Arg(200);
BENCHMARK_CAPTURE(choose_and_record, least_requests, config::Balance::least_requests)
    ->Arg(2)
    ->Arg(200);
BENCHMARK_CAPTURE(choose_and_record, headroom, config::Balance::headroom)->Arg(2);

void record_in_breaker(benchmark::State& state, unsigned status, bool is_share) {
  config::CircuitBreaker rules;
  if (is_share) {
    rules.throttle.failure_condition.percentage = 90;
    rules.throttle.failure_condition.minimum_requests = 1000;
  }
  const Outcome good = answered(200);
  const Outcome outcome = answered(status);
  CircuitBreaker breaker(CircuitBreaker::Scope::deployment);
  std::int64_t now = 0;
  for (auto _ : state) {
    Permit permit = breaker.admit(at(now += 20));
    const Outcome& told = now % 60 == 0 ? outcome : good;
    benchmark::DoNotOptimize(breaker.record(told, permit, rules, Telling::first, at(now)));
  }
}
BENCHMARK_CAPTURE(record_in_breaker, success, 200, false);
BENCHMARK_CAPTURE(record_in_breaker, a_third_throttled_by_percentage, 429, true);

}  // namespace
}  // namespace spillway::routing
