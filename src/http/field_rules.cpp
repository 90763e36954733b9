#include <spillway/base/byte_scan.hpp>
#include <spillway/http/field_rules.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace spillway::http {
namespace {

enum CharClass : std::uint8_t {
  token_class = 1U,
  path_class = 2U,
  query_class = 4U,
  host_class = 8U,
  hex_class = 16U,
};

constexpr bool is_alphanumeric(unsigned c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool is_hex_digit(unsigned c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr bool is_among(unsigned c, std::string_view set) {
  return c < 0x80 && set.find(static_cast<char>(c)) != std::string_view::npos;
}

constexpr std::uint8_t classes_of(unsigned c) {
  const bool word = is_alphanumeric(c);
  std::uint8_t classes = 0;
  if (word || is_among(c, "!#$%&'*+-.^_`|~")) classes |= token_class;
  if (word || is_among(c, "-._~!$&'()*+,;=:@/%")) classes |= path_class;
  if (word || is_among(c, "-._~!$&'()*+,;=:@/%?[]{}|^`")) classes |= query_class;
  if (word || is_among(c, "-._~")) classes |= host_class;
  if (is_hex_digit(c)) classes |= hex_class;
  return classes;
}

constexpr std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < 256; ++c)
    table[c] = classes_of(c);
  return table;
}

constexpr auto kCharClasses = make_table();

bool is_of(char c, CharClass wanted) {
  return (kCharClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

// Without a way out before the end: what is looked at is nearly always fine.
bool all_of(std::string_view text, CharClass wanted) {
  unsigned shared = wanted;
#pragma GCC unroll 4
  for (const char c : text)
    shared &= kCharClasses[static_cast<unsigned char>(c)];
  return shared != 0;
}

bool has_well_formed_escapes(std::string_view path) {
  for (auto at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    const std::string_view digits = path.substr(at + 1, 2);
    if (digits.size() != 2 || !all_of(digits, hex_class)) return false;
  }
  return true;
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5) return false;
  const auto port = base::parse_unsigned(text);
  return port && *port >= 1 && *port <= 65535;
}

bool is_v6_literal(std::string_view inside) {
  const auto colons = std::count(inside.begin(), inside.end(), ':');
  return inside.size() <= 45 && colons >= 2 &&
         std::all_of(inside.begin(), inside.end(),
                     [](char c) { return is_of(c, hex_class) || c == ':' || c == '.'; });
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && all_of(text, token_class);
}

bool is_token_char(char c) {
  return is_of(c, token_class);
}

std::size_t token_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_of(text[length], token_class))
    ++length;
  return length;
}

const char* find_field_text_end(const char* at, const char* end) {
  at = base::find_control_or_delete(at, end);
  while (at != end && *at == '\t')
    at = base::find_control_or_delete(at + 1, end);
  return at;
}

bool is_field_text(std::string_view text) {
  const char* const end = text.data() + text.size();
  return find_field_text_end(text.data(), end) == end;
}

bool is_authority(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos || !is_v6_literal(text.substr(1, end - 1))) return false;
    const std::string_view rest = text.substr(end + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  const auto colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  if (host.empty() || host.size() > 255 || !all_of(host, host_class)) return false;
  return colon == std::string_view::npos || is_port(text.substr(colon + 1));
}

bool is_origin_form(std::string_view target) {
  if (!target.starts_with('/')) return false;
  const auto question = target.find('?');
  const std::string_view path = target.substr(0, question);
  if (!all_of(path, path_class) || !has_well_formed_escapes(path)) return false;
  return question == std::string_view::npos || all_of(target.substr(question + 1), query_class);
}

}  // namespace spillway::http
