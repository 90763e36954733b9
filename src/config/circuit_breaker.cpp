// `pools[].circuit_breaker`: what is written replaces the default of that key, and only of that
// key.

#include "scalars.hpp"
#include "sections.hpp"

#include <array>

namespace spillway::config {
namespace {

constexpr Range<Duration> kIntervals = {100ms, std::chrono::hours(24)};
constexpr Range<Duration> kTrips = {1ms, std::chrono::hours(24)};
constexpr Range<Duration> kSlowStarts = {0s, std::chrono::hours(24)};

void read_statuses(Section& section, std::vector<StatusRange>& out) {
  std::vector<StatusRange> statuses;
  const bool is_written = section.list("statuses", [&](const Value& value) {
    const auto text = section.reading().text(value, "a status such as 429 or 500-599");
    if (!text) return;
    const auto range = parse_status_range(*text);
    if (range) {
      statuses.push_back(*range);
    } else {
      section.reading().report(value, show(value) + " " + range.message());
    }
  });
  if (is_written) out = std::move(statuses);
}

void read_error_reasons(Section& section, ErrorReasons& out) {
  ErrorReasons reasons;
  const std::array<bool*, 4> flags = {&reasons.connect, &reasons.tls, &reasons.timeout,
                                      &reasons.reset};
  const bool is_written = section.list("error_reasons", [&](const Value& value) {
    const auto index =
        read_choice(section.reading(), value, {"connect", "tls", "timeout", "reset"});
    if (!index) return;
    if (*flags.at(*index)) section.reading().report(value, show(value) + " is listed twice");
    *flags.at(*index) = true;
  });
  if (is_written) out = reasons;
}

// How many failures: a count or a percentage. Writing one replaces the default of the other.
void read_threshold(Section& section, FailureCondition& out) {
  const bool has_count = section.find("count").has_value();
  const auto percentage = section.find("percentage");
  if (has_count && percentage) {
    section.reading().report(*percentage, "count is written too; write only one of them");
    return;
  }
  if (percentage) out.count = 0;
  section.number("count", out.count, {1, 100'000});
  section.number("percentage", out.percentage, {1, 100});
  if (!percentage && section.find("minimum_requests")) {
    section.reading().report(section.place_of("minimum_requests"),
                             "goes with percentage, which is not written");
  }
  section.number("minimum_requests", out.minimum_requests, {1, 100'000});
}

void read_failure_condition(Section& rule, FailureCondition& out) {
  const auto value = rule.find("failure_condition");
  if (!value) return;
  Section section(rule.reading(), *value);
  read_statuses(section, out.statuses);
  read_error_reasons(section, out.error_reasons);
  read_threshold(section, out);
  section.duration("interval", out.interval, kIntervals);
  const ErrorReasons& reasons = out.error_reasons;
  const bool has_reason = reasons.connect || reasons.tls || reasons.timeout || reasons.reset;
  const auto statuses = section.find("statuses");
  // Statuses that are all wrong have been reported one by one.
  const bool has_statuses = !out.statuses.empty() || (statuses && !statuses->node->items.empty());
  if (section.is_map() && !has_statuses && !has_reason) {
    rule.reading().report(*value, "can never be met: it names no statuses and no error_reasons");
  }
  section.finish();
}

void read_rule(Section& breaker, std::string_view key, BreakerRule& out) {
  const auto value = breaker.find(key);
  if (!value) return;
  Section rule(breaker.reading(), *value);
  read_failure_condition(rule, out.failure_condition);
  rule.duration("trip_duration", out.trip_duration, kTrips);
  rule.flag("accept_retry_after", out.accept_retry_after);
  rule.duration("slow_start", out.slow_start, kSlowStarts);
  rule.finish();
}

// A default outside the bounds is clamped when the breaker trips; a written value is a mistake.
void check_trip_duration(Section& breaker, std::string_view key, const BreakerRule& rule,
                         const CircuitBreaker& bounds) {
  const bool is_within = rule.trip_duration >= bounds.min_trip_duration &&
                         rule.trip_duration <= bounds.max_trip_duration;
  const auto value = breaker.find(key);
  if (is_within || !value || value->node->kind != Node::Kind::map) return;
  Section section(breaker.reading(), *value);
  const auto written = section.find("trip_duration");
  if (!written) return;
  breaker.reading().report(*written, show(*written) + " is outside min_trip_duration (" +
                                         format_duration(bounds.min_trip_duration) +
                                         ") and max_trip_duration (" +
                                         format_duration(bounds.max_trip_duration) + ")");
}

}  // namespace

void read_circuit_breaker(Section& pool, CircuitBreaker& out) {
  const auto value = pool.find("circuit_breaker");
  if (!value) return;
  Section breaker(pool.reading(), *value);
  read_rule(breaker, "throttle", out.throttle);
  read_rule(breaker, "faults", out.faults);
  breaker.duration("min_trip_duration", out.min_trip_duration, kTrips);
  breaker.duration("max_trip_duration", out.max_trip_duration, kTrips);
  if (out.min_trip_duration > out.max_trip_duration) {
    pool.reading().report(
        breaker.place_of("min_trip_duration"),
        "is more than max_trip_duration (" + format_duration(out.max_trip_duration) + ")");
  } else {
    check_trip_duration(breaker, "throttle", out.throttle, out);
    check_trip_duration(breaker, "faults", out.faults, out);
  }
  breaker.finish();
}

}  // namespace spillway::config
