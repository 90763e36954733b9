#pragma once
// One circuit breaker (behaviour §4): closed, open until a time, then half-open with one trial at a
// time. A plain state machine: no clock, no timer, no lock (BackendState adds the lock). The rules
// come with each outcome, so that pools with different rules can share what is known of a backend,
// and a reload changes them without forgetting.

#include <spillway/base/time.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/routing/outcome.hpp>
#include <spillway/routing/sliding_window.hpp>
#include <spillway/routing/status.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace spillway::routing {

/// What a request got from CircuitBreaker::admit(). A trial must be concluded by record() or
/// returned by give_back(), or nobody else is let in.
class Permit {
 public:
  enum class Kind : std::uint8_t { refused, plain, trial };

  Permit() = default;
  static Permit plain() { return {Kind::plain, 0}; }
  static Permit trial(std::uint32_t opening) { return {Kind::trial, opening}; }

  [[nodiscard]] bool is_granted() const { return kind_ != Kind::refused; }
  [[nodiscard]] bool is_trial() const { return kind_ == Kind::trial; }
  /// Which opening of the breaker this is the trial of.
  [[nodiscard]] std::uint32_t opening() const { return opening_; }

 private:
  Permit(Kind kind, std::uint32_t opening) : kind_(kind), opening_(opening) {}

  Kind kind_ = Kind::refused;
  std::uint32_t opening_ = 0;
};

/// Whether the outcome is the first that is told of its request, or one more (a stream that broke
/// after its head was told as a success): the request itself is counted once.
enum class Telling : std::uint8_t { first, again };

class CircuitBreaker {
 public:
  /// What the breaker stands for: failures to connect count for the backend, all others for the
  /// deployment, and each takes the other's failures for no news.
  enum class Scope : std::uint8_t { backend, deployment };

  struct Change {
    BreakerState from = BreakerState::closed;
    BreakerState to = BreakerState::closed;
    Trip trip;  // why it opened; on closing, why it had been open
    std::optional<base::SteadyTime> until;
  };

  explicit CircuitBreaker(Scope scope) : scope_(scope) {}

  [[nodiscard]] bool is_closed() const { return !is_open_; }
  [[nodiscard]] bool would_admit(base::SteadyTime now) const;
  /// Half-open: the one trial is taken by this.
  Permit admit(base::SteadyTime now);
  /// The trial ended without a verdict; another request may be the trial.
  void give_back(Permit& permit);

  /// Learns from an outcome. A trial is concluded by it. Tells when the breaker opened or closed.
  std::optional<Change> record(const Outcome& outcome, Permit& permit,
                               const config::CircuitBreaker& rules, Telling telling,
                               base::SteadyTime now);

  [[nodiscard]] BreakerView view(base::SteadyTime now) const;

  /// When it last closed, and for how long its weight grows from then on (behaviour §4,
  /// slow_start); the longer lasting of two that overlap.
  struct Recovery {
    base::SteadyTime since;
    base::Duration slow_start{};
  };
  [[nodiscard]] const Recovery& recovery() const { return recovery_; }

 private:
  /// What an outcome says about this breaker. `rule` is set for throttle and faults.
  struct Verdict {
    enum class Kind : std::uint8_t { no_news, healthy, failure };
    Kind kind = Kind::no_news;
    TripReason reason = TripReason::none;
    const config::BreakerRule* rule = nullptr;
  };

  /// The failures that one rule counts.
  struct RuleWindow {
    /// Pools with more intervals than this on one deployment would forget the least used.
    static constexpr std::size_t kMaxIntervals = 16;

    EventTimes failures;
    /// Only for percentages, and counts too many to keep: one for each interval that pools ask for,
    /// the one asked for last at the end.
    std::vector<SlidingCounts> counts;

    void add_request(const config::FailureCondition& condition, base::SteadyTime now);
    /// Notes a failure and tells whether the condition is met by it.
    bool add_failure(const config::FailureCondition& condition, base::SteadyTime now);
    void clear();
    SlidingCounts& counts_for(base::Duration interval);
  };

  [[nodiscard]] Verdict judge(const Outcome& outcome, const Permit& permit,
                              const config::CircuitBreaker& rules) const;
  [[nodiscard]] bool is_due(base::SteadyTime now) const { return is_open_ && now >= until_; }
  RuleWindow& window_of(TripReason reason);
  std::optional<Change> conclude_trial(const Verdict& verdict, const Outcome& outcome,
                                       const config::CircuitBreaker& rules, base::SteadyTime now);
  bool is_condition_met(const Verdict& verdict, base::SteadyTime now);
  std::optional<Change> open(const Verdict& verdict, const Outcome& outcome,
                             const config::CircuitBreaker& rules, base::SteadyTime now);
  Change close(base::SteadyTime now);
  [[nodiscard]] Delay open_time(const Verdict& verdict, const Outcome& outcome,
                                const config::CircuitBreaker& rules, base::SteadyTime now) const;

  Scope scope_;
  bool is_open_ = false;
  bool is_trial_out_ = false;
  std::uint32_t opening_ =
      0;  // grows with each opening: a trial of an older one is no trial any more
  unsigned fault_openings_ = 0;    // in a row, without closing between: the exponent of growth
  unsigned refusal_openings_ = 0;  // likewise, for credential and missing
  base::SteadyTime since_;
  base::SteadyTime until_;
  bool has_changed_ = false;  // since_ means something
  Trip trip_;
  base::Duration slow_start_{};  // of the rules that opened it, the longest
  Recovery recovery_;
  RuleWindow throttle_;
  RuleWindow faults_;
};

}  // namespace spillway::routing
