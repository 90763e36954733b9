#pragma once
// The one tolerant parser of "come back later": every spelling that Azure OpenAI, its front ends
// and compatible servers have been seen to use. What does not parse to a positive time is as if
// absent.

#include <spillway/base/field.hpp>
#include <spillway/base/time.hpp>
#include <spillway/routing/outcome.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace spillway::routing {

/// Longer delays than this cannot be meant (and would overflow a time point): they count as
/// garbage.
inline constexpr base::Duration kLongestDelay = std::chrono::hours(24 * 365 * 100);

/// The first that parses to a positive time of retry-after-ms, x-ms-retry-after-ms, Retry-After,
/// x-ratelimit-reset-requests, x-ratelimit-reset-tokens and the misspelt x-rate-limit-reset-*
/// (behaviour §4). Of a field that comes more than once, the first value that parses. `now` is used
/// for HTTP-dates only. Nothing found: zero and DelaySource::none.
Delay parse_retry_after(base::FieldView headers, base::WallTime now);

/// `1500`, `0.5`, `.5`: a decimal number of `unit`s. Nothing for signs, exponents, words, zero, and
/// more than kLongestDelay.
std::optional<base::Duration> parse_decimal_delay(std::string_view text, base::Duration unit);

/// `20ms`, `1s`, `6m0s`, `1h30m`, `1.5s` (Go's notation), or bare seconds.
std::optional<base::Duration> parse_reset_delay(std::string_view text);

/// The three forms of RFC 9110 §5.6.7. The name of the day is read but not checked against the
/// date; a two-digit year more than 50 years ahead of `now` is in the century before.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text, base::WallTime now);

}  // namespace spillway::routing
