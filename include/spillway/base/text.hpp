#pragma once
// Small text functions that more than one module needs. ASCII only: protocol text, not language.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::base {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string to_lower(std::string_view text);

/// The first `size` bytes of both.
bool equals_ignoring_case(const char* a, const char* b, std::size_t size);
/// Most texts that are compared differ in length already: that is seen without a call.
inline bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && equals_ignoring_case(a.data(), b.data(), a.size());
}
/// Whether `text` begins with `prefix`, compared without case.
inline bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         equals_ignoring_case(text.data(), prefix.data(), prefix.size());
}

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
/// Without leading and trailing spaces and tabs (OWS of RFC 9110 §5.6.3).
constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

/// Digits only, no sign, no blanks; nothing on overflow.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

/// The members of a comma-separated list, trimmed, empty ones left out (RFC 9110 §5.6.1).
std::vector<std::string_view> split_list(std::string_view text);

/// Calls `visit(member)` for each member of a comma-separated list, trimmed, empty ones too.
template <class Visit>
void for_each_member(std::string_view list, Visit visit) {
  for (;;) {
    const std::size_t comma = list.find(',');
    visit(trim(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

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
