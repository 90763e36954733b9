#pragma once
// Single values of the configuration language: durations, sizes, addresses, URLs and the like, from
// text and back to text. Pure functions; a failure says what is wrong in words that complete the
// sentence `"VALUE" ...`, and never repeats the value itself, which may be a secret.

#include <spillway/config/configuration.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace spillway::config {

/// A value, or what is wrong with its text: `has no unit; write ...`.
template <class T>
class Parsed {
 public:
  Parsed(T value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)

  static Parsed wrong(std::string message) {
    Parsed parsed;
    parsed.message_ = std::move(message);
    return parsed;
  }

  explicit operator bool() const { return value_.has_value(); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  Parsed() = default;

  std::optional<T> value_;
  std::string message_;
};

/// `250ms`, `10s`, `1m30s`, `2h`, `1.5s`, `1d`, or ISO 8601 such as `PT1M30S` and `P1DT2H`. Never
/// without a unit, never negative, at most 10000 days.
Parsed<Duration> parse_duration(std::string_view text);

/// `256B`, `64KiB`, `16MiB`, `1GiB`; at most 1 TiB. Units of 1000 (`KB`) are refused as ambiguous.
Parsed<std::uint64_t> parse_size(std::string_view text);

/// `20%`: a whole number from 0 to 100, with its sign.
Parsed<unsigned> parse_percent(std::string_view text);

/// A whole number without sign, blanks or leading zeros, at most 4294967295.
Parsed<unsigned> parse_number(std::string_view text);

/// `429` or `500-599`, within 400 to 599: other answers are not failures (docs/configuration.md).
Parsed<StatusRange> parse_status_range(std::string_view text);

/// `host:port`, `1.2.3.4:port` or `[IPv6]:port`.
Parsed<Address> parse_address(std::string_view text);

/// `https://host[:port][/prefix]`, or http. No user, query or fragment; the prefix has only
/// unreserved characters (RFC 3986 §2.3) and no empty or dot segments.
Parsed<Url> parse_url(std::string_view text);

/// An Entra authority: https, or http on loopback and 169.254.169.254, because a secret is sent
/// there. Returned without trailing slash.
Parsed<std::string> parse_authority(std::string_view text);

/// Whether it is a host name (RFC 1123, underscores allowed) or an IP literal without brackets.
bool is_host(std::string_view text);

/// localhost, ::1 and addresses in 127.0.0.0/8: nobody else can be reached there, nor reach it.
bool is_loopback(std::string_view host);

/// Whether all of it is visible ASCII, no blank among it: fit for a URL or a header field.
bool is_visible(std::string_view text);

/// As an operator would write it: `1m30s`, `250ms`, `0s`.
std::string format_duration(Duration duration);

/// In the greatest unit that divides it: `64KiB`, `100B`.
std::string format_size(std::uint64_t bytes);

}  // namespace spillway::config
