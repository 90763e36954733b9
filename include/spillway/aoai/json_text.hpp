#pragma once
// The tokens of JSON (RFC 8259) where they stand in a text: where one ends, and what a string says.
// Works on pointers into the caller's text and allocates nothing but decoded strings. Structure
// (which token may follow which) is the business of whoever reads.

#include <spillway/base/byte_scan.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::aoai::json {

inline bool is_whitespace(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

inline const char* skip_whitespace(const char* at, const char* end) {
  while (at != end && *at <= ' ' && is_whitespace(*at))  // rarely any
    ++at;
  return at;
}

/// All take `at` on the first character of the token and give one past its last, or nullptr if no
/// well-formed token of the kind stands there. For strings `at` is the opening quote; raw control
/// characters and unknown escapes are malformed, lone surrogates are not.
const char* find_string_end(const char* at, const char* end);
const char* find_number_end(const char* at, const char* end);
const char* find_literal_end(const char* at, const char* end, std::string_view literal);
/// Any of the three, before `end`.
const char* find_scalar_end(const char* at, const char* end);

/// Inside a string: the first quote, backslash or control character, or `end`.
inline const char* skip_plain_characters(const char* at, const char* end) {
  return base::find_control_quote_or_backslash(at, end);
}

/// What a backslash and `c` stand for; nothing for \u and for what is no escape.
std::optional<char> simple_escape(char c);

/// -1: none.
int hex_value(char c);

/// Pairs of these make one character (RFC 8259 §7).
bool is_high_surrogate(std::uint32_t unit);
bool is_low_surrogate(std::uint32_t unit);
std::uint32_t combine_surrogates(std::uint32_t high, std::uint32_t low);
inline constexpr std::uint32_t kReplacementCharacter = 0xFFFD;

/// `code` as UTF-8; at most 0x10FFFF.
void append_utf8(std::string& out, std::uint32_t code);

/// What a well-formed string token (quotes included) says, as UTF-8; a lone surrogate becomes
/// U+FFFD.
std::string decode_string(std::string_view token);

/// Whether the token says `text`, without decoding where it has no escape.
bool string_says(std::string_view token, std::string_view text);

}  // namespace spillway::aoai::json
