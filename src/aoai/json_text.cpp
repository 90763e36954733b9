#include <spillway/aoai/json_text.hpp>

#include <cstddef>

namespace spillway::aoai::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// `at` on the first of four hex digits; -1 if they are not all there.
std::int32_t read_code_unit(const char* at, const char* end) {
  if (end - at < 4) return -1;
  std::int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_value(at[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

// `at` on the backslash.
const char* find_escape_end(const char* at, const char* end) {
  if (end - at < 2) return nullptr;
  if (at[1] == 'u') return read_code_unit(at + 2, end) < 0 ? nullptr : at + 6;
  return simple_escape(at[1]) ? at + 2 : nullptr;
}

const char* skip_digits(const char* at, const char* end) {
  while (at != end && is_digit(*at))
    ++at;
  return at;
}

// At least one digit, else nullptr.
const char* find_digits_end(const char* at, const char* end) {
  const char* stop = skip_digits(at, end);
  return stop == at ? nullptr : stop;
}

// `at` on the backslash of a well-formed \u escape; gives one past what was used.
const char* append_unicode_escape(std::string& out, const char* at, const char* end) {
  const auto unit = static_cast<std::uint32_t>(read_code_unit(at + 2, end));
  at += 6;
  if (!is_high_surrogate(unit)) {
    append_utf8(out, is_low_surrogate(unit) ? kReplacementCharacter : unit);
    return at;
  }
  const bool has_second = end - at >= 6 && at[0] == '\\' && at[1] == 'u';
  const std::int32_t second = has_second ? read_code_unit(at + 2, end) : -1;
  if (second < 0 || !is_low_surrogate(static_cast<std::uint32_t>(second))) {
    append_utf8(out, kReplacementCharacter);
    return at;
  }
  append_utf8(out, combine_surrogates(unit, static_cast<std::uint32_t>(second)));
  return at + 6;
}

}  // namespace

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<char> simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return std::nullopt;
  }
}

bool is_high_surrogate(std::uint32_t unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}

bool is_low_surrogate(std::uint32_t unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

std::uint32_t combine_surrogates(std::uint32_t high, std::uint32_t low) {
  return 0x10000 + ((high - 0xD800) << 10U) + (low - 0xDC00);
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

const char* find_string_end(const char* at, const char* end) {
  if (at == end || *at != '"') return nullptr;
  ++at;
  while (true) {
    at = skip_plain_characters(at, end);
    if (at == end) return nullptr;
    if (*at == '"') return at + 1;
    if (*at != '\\') return nullptr;
    at = find_escape_end(at, end);
    if (at == nullptr) return nullptr;
  }
}

const char* find_number_end(const char* at, const char* end) {
  if (at != end && *at == '-') ++at;
  if (at == end) return nullptr;
  // No leading zeros: after a 0 the integer part is over.
  at = *at == '0' ? at + 1 : find_digits_end(at, end);
  if (at == nullptr) return nullptr;
  if (at != end && *at == '.') {
    at = find_digits_end(at + 1, end);
    if (at == nullptr) return nullptr;
  }
  if (at == end || (*at != 'e' && *at != 'E')) return at;
  ++at;
  if (at != end && (*at == '+' || *at == '-')) ++at;
  return find_digits_end(at, end);
}

const char* find_literal_end(const char* at, const char* end, std::string_view literal) {
  const auto left = static_cast<std::size_t>(end - at);
  if (!std::string_view(at, left).starts_with(literal)) return nullptr;
  return at + literal.size();
}

const char* find_scalar_end(const char* at, const char* end) {
  switch (*at) {
    case '"':
      return find_string_end(at, end);
    case 't':
      return find_literal_end(at, end, "true");
    case 'f':
      return find_literal_end(at, end, "false");
    case 'n':
      return find_literal_end(at, end, "null");
    default:
      return find_number_end(at, end);
  }
}

std::string decode_string(std::string_view token) {
  const char* at = token.data() + 1;
  const char* const end = token.data() + token.size() - 1;
  std::string out;
  out.reserve(token.size());
  while (at != end) {
    if (*at != '\\') {
      out += *at++;
    } else if (at[1] == 'u') {
      at = append_unicode_escape(out, at, end);
    } else {
      out += simple_escape(at[1]).value_or(at[1]);
      at += 2;
    }
  }
  return out;
}

bool string_says(std::string_view token, std::string_view text) {
  const std::string_view inside = token.substr(1, token.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return inside == text;
  // An escape takes at most six characters for one; anything longer cannot say `text`.
  return inside.size() <= 6 * text.size() && decode_string(token) == text;
}

}  // namespace spillway::aoai::json
