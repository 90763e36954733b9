#include <spillway/routing/circuit_breaker.hpp>

#include <algorithm>

namespace spillway::routing {
namespace {

using namespace std::chrono_literals;

// Refused credentials and missing deployments are mended by people, not by time (behaviour §10).
constexpr base::Duration kRefusalTripDuration = 30s;

bool lists_status(const config::FailureCondition& condition, unsigned status) {
  return std::any_of(
      condition.statuses.begin(), condition.statuses.end(),
      [&](const config::StatusRange& r) { return r.first <= status && status <= r.last; });
}

bool lists_fault(const config::FailureCondition& condition, base::Fault fault) {
  const config::ErrorReasons& reasons = condition.error_reasons;
  switch (fault) {
    case base::Fault::dns_failed:
    case base::Fault::connect_failed:
      return reasons.connect;
    case base::Fault::tls_failed:
      return reasons.tls;
    case base::Fault::timed_out:
      return reasons.timeout;
    // An answer that is not HTTP is worth as much as none.
    case base::Fault::upstream_closed:
    case base::Fault::upstream_malformed:
      return reasons.reset;
    default:
      return false;
  }
}

bool lists(const config::FailureCondition& condition, const Outcome& outcome) {
  if (outcome.fault) return lists_fault(condition, *outcome.fault);
  return lists_status(condition, outcome.status);
}

// The rule an answer or failure counts by, `throttle` first. 408 stands in `faults` by default, yet
// is a matter of capacity (behaviour §3): wherever it is listed, it counts by `throttle`.
TripReason reason_of(const Outcome& outcome, const config::CircuitBreaker& rules) {
  if (lists(rules.throttle.failure_condition, outcome)) return TripReason::throttle;
  if (!lists(rules.faults.failure_condition, outcome)) return TripReason::none;
  return outcome.status == 408 && !outcome.fault ? TripReason::throttle : TripReason::faults;
}

base::Duration doubled(base::Duration duration, unsigned times, base::Duration most) {
  for (unsigned i = 0; i < times && duration < most; ++i)
    duration *= 2;
  return duration;
}

bool needs_counts(const config::FailureCondition& condition) {
  return condition.percentage != 0 || condition.count > EventTimes::kMaxCount;
}

}  // namespace

void CircuitBreaker::RuleWindow::add_request(const config::FailureCondition& condition,
                                             base::SteadyTime now) {
  if (!needs_counts(condition)) return;
  counts_for(condition.interval);
  for (SlidingCounts& each : counts)
    each.add_total(now);
}

bool CircuitBreaker::RuleWindow::add_failure(const config::FailureCondition& condition,
                                             base::SteadyTime now) {
  if (!needs_counts(condition)) return failures.add(condition.count, condition.interval, now);
  const SlidingCounts& mine = counts_for(condition.interval);
  for (SlidingCounts& each : counts)
    each.add_marked(now);
  const SlidingCounts::Sums sums = mine.sums(condition.interval, now);
  if (condition.percentage == 0) return sums.marked >= condition.count;
  return sums.total >= condition.minimum_requests &&
         sums.marked * 100 >= sums.total * condition.percentage;
}

void CircuitBreaker::RuleWindow::clear() {
  failures.clear();
  counts.clear();
}

// Read from the slices of a longer interval, a short one would hold too little or too much.
SlidingCounts& CircuitBreaker::RuleWindow::counts_for(base::Duration interval) {
  const auto found = std::find_if(counts.begin(), counts.end(), [&](const SlidingCounts& each) {
    return each.interval() == interval;
  });
  if (found != counts.end()) {
    std::rotate(found, found + 1, counts.end());
    return counts.back();
  }
  if (counts.size() == kMaxIntervals) counts.erase(counts.begin());
  return counts.emplace_back(interval);
}

bool CircuitBreaker::would_admit(base::SteadyTime now) const {
  return !is_open_ || (is_due(now) && !is_trial_out_);
}

Permit CircuitBreaker::admit(base::SteadyTime now) {
  if (!is_open_) return Permit::plain();
  if (!would_admit(now)) return {};
  is_trial_out_ = true;
  return Permit::trial(opening_);
}

void CircuitBreaker::give_back(Permit& permit) {
  if (permit.is_trial() && permit.opening() == opening_) is_trial_out_ = false;
  permit = Permit();
}

std::optional<CircuitBreaker::Change> CircuitBreaker::record(const Outcome& outcome, Permit& permit,
                                                             const config::CircuitBreaker& rules,
                                                             Telling telling,
                                                             base::SteadyTime now) {
  const Verdict verdict = judge(outcome, permit, rules);
  const bool is_current_trial = permit.is_trial() && permit.opening() == opening_ && is_open_;
  if (permit.is_trial()) permit = Permit::plain();
  if (is_current_trial) return conclude_trial(verdict, outcome, rules, now);
  if (verdict.kind == Verdict::Kind::no_news) return std::nullopt;
  if (telling == Telling::first) {
    throttle_.add_request(rules.throttle.failure_condition, now);
    faults_.add_request(rules.faults.failure_condition, now);
  }
  // A success that was under way before the breaker opened does not close it: its news is older.
  if (verdict.kind != Verdict::Kind::failure || !is_condition_met(verdict, now)) {
    return std::nullopt;
  }
  return open(verdict, outcome, rules, now);
}

BreakerView CircuitBreaker::view(base::SteadyTime now) const {
  BreakerView view;
  if (has_changed_) view.since = since_;
  if (!is_open_) return view;
  view.trip = trip_;
  if (is_due(now)) {
    view.state = BreakerState::half_open;
    view.since = until_;
  } else {
    view.state = BreakerState::open;
    view.until = until_;
  }
  return view;
}

CircuitBreaker::Verdict CircuitBreaker::judge(const Outcome& outcome, const Permit& permit,
                                              const config::CircuitBreaker& rules) const {
  using Kind = Verdict::Kind;
  switch (outcome.kind) {
    case OutcomeKind::cancelled:
    case OutcomeKind::no_credential:
      return {};
    case OutcomeKind::success:
      return {Kind::healthy, TripReason::none, nullptr};
    default:
      break;
  }
  if (outcome.fault == base::Fault::no_capacity) return {};
  const bool is_mine = is_connect_failure(outcome) == (scope_ == Scope::backend);
  if (scope_ == Scope::backend && !is_mine) return {Kind::healthy, TripReason::none, nullptr};
  if (outcome.kind == OutcomeKind::credential_refused) {
    return {Kind::failure, TripReason::credential, nullptr};
  }
  if (outcome.kind == OutcomeKind::deployment_missing) {
    return {Kind::failure, TripReason::missing, nullptr};
  }
  // Of the backend, not of the deployment; but a trial that could not connect has not succeeded.
  if (!is_mine && !permit.is_trial()) return {};
  const TripReason reason = reason_of(outcome, rules);
  if (reason == TripReason::none) {
    // An answer nobody counts as a failure shows a backend at work; no answer shows nothing.
    return {outcome.fault ? Kind::no_news : Kind::healthy, reason, nullptr};
  }
  const auto* rule = reason == TripReason::throttle ? &rules.throttle : &rules.faults;
  return {Kind::failure, reason, rule};
}

CircuitBreaker::RuleWindow& CircuitBreaker::window_of(TripReason reason) {
  return reason == TripReason::throttle ? throttle_ : faults_;
}

bool CircuitBreaker::is_condition_met(const Verdict& verdict, base::SteadyTime now) {
  if (verdict.rule == nullptr) return true;
  return window_of(verdict.reason).add_failure(verdict.rule->failure_condition, now);
}

std::optional<CircuitBreaker::Change> CircuitBreaker::conclude_trial(
    const Verdict& verdict, const Outcome& outcome, const config::CircuitBreaker& rules,
    base::SteadyTime now) {
  is_trial_out_ = false;
  switch (verdict.kind) {
    case Verdict::Kind::no_news:
      return std::nullopt;
    case Verdict::Kind::healthy:
      return close(now);
    case Verdict::Kind::failure:
      break;
  }
  return open(verdict, outcome, rules, now);
}

std::optional<CircuitBreaker::Change> CircuitBreaker::open(const Verdict& verdict,
                                                           const Outcome& outcome,
                                                           const config::CircuitBreaker& rules,
                                                           base::SteadyTime now) {
  const bool is_open_still = is_open_ && !is_due(now);
  const BreakerState from = is_open_ ? BreakerState::half_open : BreakerState::closed;
  const Delay time = open_time(verdict, outcome, rules, now);
  const base::SteadyTime until = now + time.duration;
  if (is_open_still && until <= until_) return std::nullopt;

  until_ = until;
  trip_ = {verdict.reason, outcome.status, outcome.fault, time.source};
  const auto slow_start =
      verdict.rule == nullptr ? base::Duration::zero() : verdict.rule->slow_start;
  slow_start_ = is_open_still ? std::max(slow_start_, slow_start) : slow_start;
  if (is_open_still) return std::nullopt;

  is_open_ = true;
  is_trial_out_ = false;
  ++opening_;
  since_ = now;
  has_changed_ = true;
  if (verdict.reason == TripReason::faults) ++fault_openings_;
  if (verdict.rule == nullptr) ++refusal_openings_;
  throttle_.clear();
  faults_.clear();
  return Change{from, BreakerState::open, trip_, until_};
}

CircuitBreaker::Change CircuitBreaker::close(base::SteadyTime now) {
  const Change change{BreakerState::half_open, BreakerState::closed, trip_, std::nullopt};
  is_open_ = false;
  since_ = now;
  fault_openings_ = 0;
  refusal_openings_ = 0;
  // A throttle that came and went while the weight was still growing after faults does not end
  // that.
  const bool grows_longer = recovery_.since + recovery_.slow_start > now + slow_start_;
  if (!grows_longer) recovery_ = {now, slow_start_};
  trip_ = {};
  throttle_.clear();
  faults_.clear();
  return change;
}

Delay CircuitBreaker::open_time(const Verdict& verdict, const Outcome& outcome,
                                const config::CircuitBreaker& rules, base::SteadyTime now) const {
  const base::Duration most = std::max(rules.max_trip_duration, rules.min_trip_duration);
  const auto clamped = [&](base::Duration duration) {
    return std::clamp(duration, rules.min_trip_duration, most);
  };
  if (verdict.rule != nullptr && verdict.rule->accept_retry_after &&
      outcome.delay.duration > base::Duration::zero()) {
    return {clamped(outcome.delay.duration), outcome.delay.source};
  }
  // Late failures of the storm that opened it do not make the next time longer.
  const bool is_open_still = is_open_ && !is_due(now);
  const auto exponent = [&](unsigned openings) {
    return is_open_still && openings > 0 ? openings - 1 : openings;
  };
  base::Duration duration = kRefusalTripDuration;
  unsigned doublings = exponent(refusal_openings_);
  if (verdict.rule != nullptr) {
    duration = verdict.rule->trip_duration;
    doublings = verdict.reason == TripReason::faults ? exponent(fault_openings_) : 0;
  }
  return {clamped(doubled(duration, doublings, most)), DelaySource::trip_duration};
}

}  // namespace spillway::routing
