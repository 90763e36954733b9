#pragma once
// Short ways to say configurations, outcomes and times in the tests of routing.

#include <spillway/base/random.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/routing/pool.hpp>

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::routing::test {

using namespace std::chrono_literals;
using base::Duration;
using base::Fault;
using base::SteadyTime;

/// Some moment; tests speak of what comes after it.
inline SteadyTime at(Duration after_start) {
  return SteadyTime(std::chrono::hours(1000)) +
         std::chrono::duration_cast<SteadyTime::duration>(after_start);
}

inline Outcome answered(unsigned status, Delay delay = {}) {
  Outcome outcome;
  outcome.kind = classify_status(status, true, false);
  outcome.status = status;
  outcome.delay = delay;
  return outcome;
}

inline Outcome told_to_wait(unsigned status, Duration delay,
                            DelaySource source = DelaySource::retry_after) {
  return answered(status, Delay{delay, source});
}

inline Outcome of_kind(OutcomeKind kind, unsigned status = 0) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.status = status;
  return outcome;
}

struct MemberSpec {
  std::string backend;
  unsigned priority = 1;
  unsigned weight = 1;
  std::map<std::string, std::string, std::less<>> deployments = {};
};

/// A pool on its own configuration. Not movable: the pool points into it.
class PoolUnderTest {
 public:
  PoolUnderTest(const std::vector<MemberSpec>& members, config::Balance balance,
                config::CircuitBreaker breaker = {}) {
    config::Pool pool;
    pool.name = "production";
    pool.balance = balance;
    pool.circuit_breaker = std::move(breaker);
    for (const MemberSpec& spec : members) {
      config::Backend backend;
      backend.name = spec.backend;
      backend.deployments = spec.deployments;
      configuration.backends.push_back(std::move(backend));
      pool.members.push_back({spec.backend, spec.priority, spec.weight});
    }
    configuration.pools.push_back(std::move(pool));
    rebuild();
  }
  PoolUnderTest(const PoolUnderTest&) = delete;
  PoolUnderTest& operator=(const PoolUnderTest&) = delete;

  /// As a reload does.
  void rebuild() {
    pool_ = std::make_unique<Pool>(configuration, configuration.pools.front(), states);
  }

  Pool& operator*() { return *pool_; }
  Pool* operator->() { return pool_.get(); }

  std::optional<Choice> select(SteadyTime now, std::vector<std::size_t> tried = {},
                               std::string_view deployment = "gpt-4o") {
    return pool_->select({deployment}, tried, now, random.next());
  }

  /// Who would take it; "" if nobody. The request ends at once, without a verdict.
  std::string who(const Demand& demand, SteadyTime now, std::vector<std::size_t> tried = {}) {
    const auto choice = pool_->select(demand, tried, now, random.next());
    return choice ? backend_of(*choice) : "";
  }

  [[nodiscard]] const std::string& backend_of(const Choice& choice) const {
    return pool_->members()[choice.member].configured->name;
  }

  /// One request that ends at once; tells the backend that took it, "" if nobody did.
  std::string call(const Outcome& outcome, SteadyTime now, std::vector<std::size_t> tried = {}) {
    auto choice = select(now, std::move(tried));
    if (!choice) return {};
    choice->lease.record(outcome, now);
    return backend_of(*choice);
  }

  config::Configuration configuration;
  BackendStates states;
  base::Random random{42};

 private:
  std::unique_ptr<Pool> pool_;
};

}  // namespace spillway::routing::test
