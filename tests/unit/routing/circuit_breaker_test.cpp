#include "support.hpp"
#include <spillway/routing/circuit_breaker.hpp>

namespace spillway::routing::test {
namespace {

// A breaker with rules, spoken to in the words of a request's life.
class Breaker {
 public:
  explicit Breaker(config::CircuitBreaker with = {},
                   CircuitBreaker::Scope scope = CircuitBreaker::Scope::deployment)
      : rules(std::move(with)), breaker(scope) {}

  /// A request that was under way already: no admission asked.
  std::optional<CircuitBreaker::Change> late(const Outcome& outcome, SteadyTime now) {
    Permit permit = Permit::plain();
    return breaker.record(outcome, permit, rules, Telling::first, now);
  }

  /// A request that asks to be admitted; false if it was not.
  bool call(const Outcome& outcome, SteadyTime now) {
    Permit permit = breaker.admit(now);
    if (!permit.is_granted()) return false;
    breaker.record(outcome, permit, rules, Telling::first, now);
    return true;
  }

  [[nodiscard]] BreakerState state(SteadyTime now) const { return breaker.view(now).state; }
  [[nodiscard]] Duration open_for(SteadyTime now) const {
    return breaker.view(now).until.value_or(now) - now;
  }

  config::CircuitBreaker rules;
  CircuitBreaker breaker;
};

TEST(CircuitBreaker, StartsClosedAndStaysSoWhileAllIsWell) {
  Breaker b;
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(b.call(answered(200), at(1ms * i)));
  EXPECT_EQ(b.state(at(1s)), BreakerState::closed);
  EXPECT_FALSE(b.breaker.view(at(1s)).since);
}

TEST(CircuitBreaker, OneThrottleOpensAtOnce) {
  Breaker b;
  const auto change = b.late(answered(429), at(0s));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->from, BreakerState::closed);
  EXPECT_EQ(change->to, BreakerState::open);
  EXPECT_EQ(change->trip.reason, TripReason::throttle);
  EXPECT_EQ(change->trip.source, DelaySource::trip_duration);
  EXPECT_EQ(change->until, at(10s));
  EXPECT_EQ(describe(change->trip), "throttle: 429");
  EXPECT_FALSE(b.breaker.would_admit(at(9999ms)));
  EXPECT_TRUE(b.breaker.would_admit(at(10s)));
}

TEST(CircuitBreaker, RequestTimeout408IsCapacityAndOpensAtOnce) {
  Breaker b;
  b.late(answered(408), at(0s));
  EXPECT_EQ(b.state(at(0s)), BreakerState::open);
  EXPECT_EQ(b.breaker.view(at(0s)).trip.reason, TripReason::throttle);
}

TEST(CircuitBreaker, AStatusListedNowhereOpensNothing) {
  Breaker b;
  b.rules.throttle.failure_condition.statuses.clear();
  b.rules.faults.failure_condition.statuses = {{503, 503}};
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(b.call(answered(429), at(0s)));
    EXPECT_TRUE(b.call(answered(408), at(0s)));
    EXPECT_TRUE(b.call(answered(500), at(0s)));
  }
}

TEST(CircuitBreaker, AStatusListedUnderThrottleCountsThere) {
  Breaker b;
  b.rules.throttle.failure_condition.statuses = {{429, 429}, {503, 503}};
  b.late(answered(503), at(0s));
  EXPECT_EQ(b.breaker.view(at(0s)).trip.reason, TripReason::throttle);
}

TEST(CircuitBreaker, FaultsOpenByCountInASlidingInterval) {
  Breaker b;
  for (int i = 0; i < 4; ++i)
    EXPECT_FALSE(b.late(answered(500), at(7s * i)));
  EXPECT_FALSE(b.late(answered(502), at(31s)));  // the one at 0 s is too old by now
  const auto change = b.late(answered(503), at(32s));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->trip.reason, TripReason::faults);
  EXPECT_EQ(change->until, at(47s));
}

TEST(CircuitBreaker, SuccessesDoNotWashFailuresAway) {
  Breaker b;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(b.state(at(1s * i)), BreakerState::closed);
    b.late(answered(200), at(1s * i));
    b.late(answered(500), at(1s * i));
  }
  EXPECT_EQ(b.state(at(5s)), BreakerState::open);
}

TEST(CircuitBreaker, FaultsWithoutAnAnswerCountByTheirReason) {
  for (const Fault fault : {Fault::timed_out, Fault::upstream_closed, Fault::upstream_malformed}) {
    Breaker b;
    b.rules.faults.failure_condition.count = 1;
    b.late(outcome_of_fault(fault), at(0s));
    EXPECT_EQ(b.state(at(0s)), BreakerState::open) << base::name_of(fault);
    EXPECT_EQ(describe(b.breaker.view(at(0s)).trip),
              "faults: " + std::string(base::name_of(fault)));
  }
  Breaker patient;
  patient.rules.faults.failure_condition.count = 1;
  patient.rules.faults.failure_condition.error_reasons.timeout = false;
  patient.late(outcome_of_fault(Fault::timed_out), at(0s));
  EXPECT_EQ(patient.state(at(0s)), BreakerState::closed);
}

TEST(CircuitBreaker, PercentageNeedsItsMinimumOfRequests) {
  Breaker b;
  auto& condition = b.rules.faults.failure_condition;
  condition.count = 0;
  condition.percentage = 50;
  condition.minimum_requests = 20;
  for (int i = 0; i < 19; ++i)
    EXPECT_FALSE(b.late(answered(500), at(1ms * i)));
  EXPECT_TRUE(b.late(answered(500), at(19ms)));
}

TEST(CircuitBreaker, PercentageIsOfTheRequestsInTheInterval) {
  Breaker b;
  auto& condition = b.rules.faults.failure_condition;
  condition.count = 0;
  condition.percentage = 50;
  for (int i = 0; i < 30; ++i)
    b.late(answered(200), at(0s));
  for (int i = 0; i < 29; ++i)
    EXPECT_FALSE(b.late(answered(500), at(1s)));
  EXPECT_TRUE(b.late(answered(500), at(1s)));

  Breaker later(b.rules);
  for (int i = 0; i < 300; ++i)
    later.late(answered(200), at(0s));
  for (int i = 0; i < 19; ++i)
    EXPECT_FALSE(later.late(answered(500), at(40s)));
  EXPECT_TRUE(later.late(answered(500), at(40s)));
}

TEST(CircuitBreaker, PercentagesOfPoolsWithDifferentIntervalsAreEachOfTheirOwn) {
  Breaker b;
  auto& condition = b.rules.faults.failure_condition;
  condition.count = 0;
  condition.percentage = 50;
  const auto in = [&](Duration interval) -> Breaker& {
    condition.interval = interval;
    return b;
  };
  // An hour's window is known first; ten seconds must not be read from slices of a minute.
  in(1h).late(answered(200), at(0s));
  for (int i = 0; i < 19; ++i)
    EXPECT_FALSE(in(10s).late(answered(500), at(121s)));
  EXPECT_FALSE(in(10s).late(answered(500), at(139s)));  // the others are too old by now
  for (int i = 0; i < 18; ++i)
    EXPECT_FALSE(in(10s).late(answered(500), at(141s)));
  EXPECT_TRUE(in(10s).late(answered(500), at(142s)));
}

TEST(CircuitBreaker, AShorterIntervalAfterAReloadForgetsNothingYounger) {
  Breaker b;
  auto& condition = b.rules.faults.failure_condition;
  condition.count = 0;
  condition.percentage = 50;
  condition.interval = 1h;
  b.late(answered(200), at(0s));
  condition.interval = 1min;
  for (int i = 0; i < 19; ++i)
    EXPECT_FALSE(b.late(answered(500), at(119s)));
  EXPECT_TRUE(b.late(answered(500), at(121s)));  // a minute's slice began between
}

TEST(CircuitBreaker, AFloodOfIntervalsDoesNotDisturbTheOneInUse) {
  Breaker b;
  auto& condition = b.rules.faults.failure_condition;
  condition.count = 0;
  condition.percentage = 50;
  for (int i = 0; i < 1000; ++i) {
    condition.interval = 1s + 1ms * (i % 50);
    b.late(answered(200), at(1ms * i));
  }
  condition.interval = 30s;
  for (int i = 0; i < 19; ++i)
    EXPECT_FALSE(b.late(answered(500), at(2s)));
  EXPECT_TRUE(b.late(answered(500), at(2s)));
}

TEST(CircuitBreaker, AStreamThatBreaksIsOneRequestAndOneFailure) {
  Breaker b;
  auto& condition = b.rules.faults.failure_condition;
  condition.count = 0;
  condition.percentage = 100;
  for (int i = 0; i < 20; ++i) {
    Permit permit = b.breaker.admit(at(0s));
    ASSERT_TRUE(permit.is_granted());
    b.breaker.record(answered(200), permit, b.rules, Telling::first, at(0s));
    Outcome broken = outcome_of_fault(Fault::upstream_closed);
    broken.status = 200;
    const auto change = b.breaker.record(broken, permit, b.rules, Telling::again, at(0s));
    EXPECT_EQ(change.has_value(), i == 19) << i;
  }
}

TEST(CircuitBreaker, ManyFailuresAskedForAreCountedInSlices) {
  Breaker b;
  b.rules.faults.failure_condition.count = 5000;
  for (int i = 0; i < 4999; ++i)
    ASSERT_FALSE(b.late(answered(500), at(1ms * i)));
  EXPECT_TRUE(b.late(answered(500), at(5s)));
}

TEST(CircuitBreaker, RetryAfterSetsTheOpenTimeAndIsNamedAsItsSource) {
  Breaker b;
  const auto change = b.late(told_to_wait(429, 33s, DelaySource::retry_after_ms), at(0s));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->until, at(33s));
  EXPECT_EQ(change->trip.source, DelaySource::retry_after_ms);
}

TEST(CircuitBreaker, RetryAfterIsIgnoredWhereNotAccepted) {
  Breaker b;
  b.rules.throttle.accept_retry_after = false;
  b.late(told_to_wait(429, 33s), at(0s));
  EXPECT_EQ(b.open_for(at(0s)), 10s);
  EXPECT_EQ(b.breaker.view(at(0s)).trip.source, DelaySource::trip_duration);
}

TEST(CircuitBreaker, OpenTimesAreClamped) {
  Breaker day;
  day.late(told_to_wait(429, 24h), at(0s));
  EXPECT_EQ(day.open_for(at(0s)), 2min);
  Breaker blink;
  blink.late(told_to_wait(429, 1ms), at(0s));
  EXPECT_EQ(blink.open_for(at(0s)), 50ms);
  Breaker century;
  century.late(told_to_wait(429, std::chrono::hours(24 * 365 * 100)), at(0s));
  EXPECT_EQ(century.open_for(at(0s)), 2min);
}

TEST(CircuitBreaker, AShorterAnswerNeverShortensALongerTime) {
  Breaker b;
  b.late(told_to_wait(429, 60s), at(0s));
  EXPECT_FALSE(b.late(told_to_wait(429, 5s, DelaySource::retry_after_ms), at(1s)));
  EXPECT_EQ(b.open_for(at(1s)), 59s);
  EXPECT_EQ(b.breaker.view(at(1s)).trip.source, DelaySource::retry_after);
  b.late(told_to_wait(429, 90s), at(2s));
  EXPECT_EQ(b.open_for(at(2s)), 90s);
  EXPECT_EQ(b.breaker.view(at(2s)).since, at(0s));
}

// From the header to the trial request: what an operator of a PTU sees.
TEST(CircuitBreaker, FortyMillisecondsAreFortyOrWhatTheMinimumSays) {
  const std::vector<base::Field> headers = {{"retry-after-ms", "40"}, {"Retry-After", "1"}};
  const Outcome throttled = outcome_of_answer(429, headers, base::WallTime(), true, false);
  Breaker by_default;
  by_default.late(throttled, at(0s));
  EXPECT_FALSE(by_default.breaker.would_admit(at(49ms)));
  EXPECT_TRUE(by_default.breaker.admit(at(50ms)).is_trial());
  EXPECT_EQ(by_default.breaker.view(at(0s)).trip.source, DelaySource::retry_after_ms);
  Breaker quick;
  quick.rules.min_trip_duration = 10ms;
  quick.late(throttled, at(0s));
  EXPECT_FALSE(quick.breaker.would_admit(at(39ms)));
  EXPECT_TRUE(quick.breaker.admit(at(40ms)).is_trial());
}

TEST(CircuitBreaker, ADayLongRetryAfterEndsInATrialAfterTheMaximum) {
  const std::vector<base::Field> headers = {{"Retry-After", "86400"}};
  const Outcome throttled = outcome_of_answer(429, headers, base::WallTime(), true, false);
  Breaker b;
  b.late(throttled, at(0s));
  EXPECT_FALSE(b.breaker.would_admit(at(119s)));
  EXPECT_TRUE(b.call(throttled, at(2min)));  // the trial, refused: two minutes more, not a day
  EXPECT_FALSE(b.breaker.would_admit(at(239s)));
  EXPECT_TRUE(b.call(answered(200), at(4min)));
  EXPECT_EQ(b.state(at(4min)), BreakerState::closed);
}

TEST(CircuitBreaker, HalfOpenLetsOneThroughAtATime) {
  Breaker b;
  b.late(answered(429), at(0s));
  EXPECT_EQ(b.state(at(10s)), BreakerState::half_open);
  EXPECT_EQ(b.breaker.view(at(11s)).since, at(10s));
  Permit trial = b.breaker.admit(at(11s));
  EXPECT_TRUE(trial.is_trial());
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(b.breaker.would_admit(at(11s)));
    EXPECT_FALSE(b.breaker.admit(at(11s)).is_granted());
  }
  const auto change = b.breaker.record(answered(200), trial, b.rules, Telling::first, at(12s));
  ASSERT_TRUE(change);
  EXPECT_EQ(change->from, BreakerState::half_open);
  EXPECT_EQ(change->to, BreakerState::closed);
  EXPECT_EQ(change->trip.reason, TripReason::throttle);
  EXPECT_EQ(b.breaker.view(at(12s)).since, at(12s));
  EXPECT_FALSE(b.breaker.admit(at(12s)).is_trial());
}

TEST(CircuitBreaker, AFailedTrialOpensAgainWhateverTheCountAsked) {
  Breaker b;
  for (int i = 0; i < 5; ++i)
    b.late(answered(500), at(0s));
  EXPECT_TRUE(b.call(answered(500), at(15s)));
  EXPECT_EQ(b.state(at(15s)), BreakerState::open);
}

TEST(CircuitBreaker, ACancelledTrialGivesItsPermitBack) {
  Breaker b;
  b.late(answered(429), at(0s));
  Permit trial = b.breaker.admit(at(10s));
  ASSERT_TRUE(trial.is_trial());
  b.breaker.give_back(trial);
  EXPECT_FALSE(trial.is_granted());
  Permit second = b.breaker.admit(at(10s));
  ASSERT_TRUE(second.is_trial());
  b.breaker.record(of_kind(OutcomeKind::cancelled), second, b.rules, Telling::first, at(11s));
  EXPECT_EQ(b.state(at(11s)), BreakerState::half_open);
  EXPECT_TRUE(b.breaker.admit(at(11s)).is_trial());
}

TEST(CircuitBreaker, OutcomesThatAreNoNewsGiveTheTrialBack) {
  for (const Outcome& outcome :
       {of_kind(OutcomeKind::no_credential), outcome_of_fault(Fault::no_capacity)}) {
    Breaker b;
    b.late(answered(429), at(0s));
    EXPECT_TRUE(b.call(outcome, at(10s)));
    EXPECT_EQ(b.state(at(10s)), BreakerState::half_open);
    EXPECT_TRUE(b.breaker.would_admit(at(10s)));
  }
}

TEST(CircuitBreaker, ACallersErrorShowsABackendAtWork) {
  Breaker b;
  b.late(answered(429), at(0s));
  EXPECT_TRUE(b.call(answered(400), at(10s)));
  EXPECT_EQ(b.state(at(10s)), BreakerState::closed);
}

TEST(CircuitBreaker, AnOldSuccessDoesNotCloseIt) {
  Breaker b;
  b.late(answered(429), at(0s));
  b.late(answered(200), at(1s));
  EXPECT_EQ(b.state(at(1s)), BreakerState::open);
  b.late(answered(200), at(11s));
  EXPECT_EQ(b.state(at(11s)), BreakerState::half_open);
}

TEST(CircuitBreaker, ATrialOvertakenByANewOpeningIsNoTrialAnyMore) {
  Breaker b;
  b.late(answered(429), at(0s));
  Permit old_trial = b.breaker.admit(at(10s));
  b.late(told_to_wait(429, 20s), at(11s));  // a request from before the opening
  EXPECT_EQ(b.state(at(12s)), BreakerState::open);
  EXPECT_FALSE(b.breaker.record(answered(200), old_trial, b.rules, Telling::first, at(12s)));
  EXPECT_EQ(b.state(at(12s)), BreakerState::open);
  Permit new_trial = b.breaker.admit(at(31s));
  ASSERT_TRUE(new_trial.is_trial());
  b.breaker.give_back(old_trial);  // must not free the new one's place
  EXPECT_FALSE(b.breaker.would_admit(at(31s)));
}

TEST(CircuitBreaker, FaultsGrowExponentiallyUpToTheMaximumAndStartAnewAfterClosing) {
  Breaker b;
  for (int i = 0; i < 5; ++i)
    b.late(answered(500), at(0s));
  Duration now = 0s;
  for (const Duration expected : {15s, 30s, 60s, 120s, 120s, 120s}) {
    EXPECT_EQ(b.open_for(at(now)), expected);
    now += expected;
    EXPECT_TRUE(b.call(answered(500), at(now)));
  }
  now += 120s;
  EXPECT_TRUE(b.call(answered(200), at(now)));
  for (int i = 0; i < 5; ++i)
    b.late(answered(500), at(now));
  EXPECT_EQ(b.open_for(at(now)), 15s);
}

TEST(CircuitBreaker, TheRestOfAStormDoesNotMakeItLonger) {
  Breaker b;
  for (int i = 0; i < 500; ++i)
    b.late(answered(500), at(0s));
  EXPECT_EQ(b.open_for(at(0s)), 15s);
  EXPECT_TRUE(b.call(answered(500), at(15s)));
  EXPECT_EQ(b.open_for(at(15s)), 30s);
}

TEST(CircuitBreaker, AThrottleDuringSlowStartDoesNotEndIt) {
  Breaker b;
  for (int i = 0; i < 5; ++i)
    b.late(answered(500), at(0s));
  EXPECT_TRUE(b.call(answered(200), at(15s)));
  b.late(told_to_wait(429, 1s), at(16s));
  EXPECT_TRUE(b.call(answered(200), at(17s)));
  EXPECT_EQ(b.breaker.recovery().since, at(15s));
  EXPECT_EQ(b.breaker.recovery().slow_start, 10s);
  b.late(told_to_wait(429, 30s), at(18s));
  EXPECT_TRUE(b.call(answered(200), at(48s)));
  EXPECT_EQ(b.breaker.recovery().slow_start, 0s);  // that one was over
}

TEST(CircuitBreaker, AThrottleWhileOpenForFaultsKeepsTheirSlowStart) {
  Breaker b;
  for (int i = 0; i < 5; ++i)
    b.late(answered(500), at(0s));
  b.late(told_to_wait(429, 60s), at(1s));
  EXPECT_EQ(b.breaker.view(at(1s)).trip.reason, TripReason::throttle);
  EXPECT_TRUE(b.call(answered(200), at(61s)));
  EXPECT_EQ(b.breaker.recovery().slow_start, 10s);
}

TEST(CircuitBreaker, ThrottlesDoNotGrow) {
  Breaker b;
  b.late(answered(429), at(0s));
  for (int i = 1; i <= 5; ++i) {
    EXPECT_TRUE(b.call(answered(429), at(10s * i)));
    EXPECT_EQ(b.open_for(at(10s * i)), 10s);
  }
}

TEST(CircuitBreaker, RefusedCredentialsAndMissingDeploymentsDoubleFromThirtySeconds) {
  for (const OutcomeKind kind :
       {OutcomeKind::credential_refused, OutcomeKind::deployment_missing}) {
    Breaker b;
    b.late(of_kind(kind, 401), at(0s));
    b.late(of_kind(kind, 401), at(0s));  // two at once are one opening
    Duration now = 0s;
    for (const Duration expected : {30s, 60s, 120s, 120s}) {
      EXPECT_EQ(b.open_for(at(now)), expected);
      now += expected;
      EXPECT_TRUE(b.call(of_kind(kind, 401), at(now)));
    }
    const TripReason reason = b.breaker.view(at(now)).trip.reason;
    EXPECT_EQ(reason, kind == OutcomeKind::credential_refused ? TripReason::credential
                                                              : TripReason::missing);
  }
}

TEST(CircuitBreaker, ConnectFailuresAreTheBackendsNotTheDeployments) {
  Breaker deployment;
  Breaker backend({}, CircuitBreaker::Scope::backend);
  for (const Fault fault : {Fault::dns_failed, Fault::connect_failed, Fault::tls_failed,
                            Fault::connect_failed, Fault::connect_failed}) {
    deployment.late(outcome_of_fault(fault), at(0s));
    backend.late(outcome_of_fault(fault), at(0s));
  }
  EXPECT_EQ(deployment.state(at(0s)), BreakerState::closed);
  EXPECT_EQ(backend.state(at(0s)), BreakerState::open);
  EXPECT_EQ(describe(backend.breaker.view(at(0s)).trip), "faults: connect_failed");
}

TEST(CircuitBreaker, AnyAnswerShowsThatTheBackendCanBeReached) {
  for (const unsigned status : {200U, 401U, 429U, 500U}) {
    Breaker backend({}, CircuitBreaker::Scope::backend);
    for (int i = 0; i < 5; ++i)
      backend.late(outcome_of_fault(Fault::connect_failed), at(0s));
    EXPECT_TRUE(backend.call(answered(status), at(15s)));
    EXPECT_EQ(backend.state(at(15s)), BreakerState::closed) << status;
  }
}

TEST(CircuitBreaker, ATrialThatCannotConnectHasFailedForTheDeploymentToo) {
  Breaker b;
  b.late(answered(429), at(0s));
  EXPECT_TRUE(b.call(outcome_of_fault(Fault::connect_failed), at(10s)));
  EXPECT_EQ(b.state(at(10s)), BreakerState::open);
}

TEST(CircuitBreaker, RulesMayChangeUnderWay) {
  Breaker b;
  b.late(answered(500), at(0s));
  b.late(answered(500), at(1s));
  b.rules.faults.failure_condition.count = 3;  // as a reload does
  EXPECT_TRUE(b.late(answered(500), at(2s)));
}

TEST(CircuitBreaker, NeverMoreThanOneTrialNorAnyCallWhileOpen) {
  base::Random random(11);
  Breaker b;
  std::vector<Permit> running;
  const std::vector<Outcome> outcomes = {answered(200), answered(500), told_to_wait(429, 700ms),
                                         outcome_of_fault(Fault::timed_out),
                                         of_kind(OutcomeKind::cancelled)};
  for (int i = 0; i < 20000; ++i) {
    const SteadyTime now = at(std::chrono::milliseconds(20 * i));
    const BreakerState before = b.state(now);
    if (random.below(2) == 0) {
      const Permit permit = b.breaker.admit(now);
      ASSERT_TRUE(before != BreakerState::open || !permit.is_granted());
      ASSERT_TRUE(before != BreakerState::closed || !permit.is_trial());
      if (permit.is_granted()) running.push_back(permit);
      if (before == BreakerState::half_open) {
        ASSERT_FALSE(b.breaker.admit(now).is_granted());
      }
    } else if (!running.empty()) {
      const std::size_t which = random.below(running.size());
      b.breaker.record(outcomes[random.below(outcomes.size())], running[which], b.rules,
                       Telling::first, now);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(which));
    }
    ASSERT_LE(b.open_for(now), 2min);
  }
}

}  // namespace
}  // namespace spillway::routing::test
