#pragma once
// Small text functions that more than one module needs. ASCII only: protocol text, not language.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::base {

char to_lower(char c);
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Without leading and trailing spaces and tabs (OWS of RFC 9110 §5.6.3).
std::string_view trim(std::string_view text);

/// Digits only, no sign, no blanks; nothing on overflow.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

/// The members of a comma-separated list, trimmed, empty ones left out (RFC 9110 §5.6.1).
std::vector<std::string_view> split_list(std::string_view text);

/// Whether a comma-separated list holds the token, compared without case.
bool list_contains(std::string_view list, std::string_view token);

/// `text` with % escapes undone; nothing where an escape is malformed.
std::optional<std::string> percent_decode(std::string_view text);

/// Everything but RFC 3986 unreserved characters as %XX.
std::string percent_encode(std::string_view text);

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view hex);

/// `text` as the inside of a JSON string: control characters escaped, invalid UTF-8 replaced by
/// U+FFFD, at most `max_bytes` of input taken (a mark `...` tells that something was cut).
std::string json_escape(std::string_view text, std::size_t max_bytes = 1024);

}  // namespace spillway::base
