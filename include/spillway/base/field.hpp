#pragma once
// One header field, seen but not owned, and a look at several. Lets pure modules read headers
// without knowing http.

#include <spillway/base/byte_scan.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace spillway::base {

struct Field {
  std::string_view name;
  std::string_view value;  // without surrounding whitespace
};

using FieldView = std::span<const Field>;

/// Whether two names are the same (RFC 9110 §5.1): tokens of the same length, and `ours` without
/// `^` and `~`, which are the only two characters of tokens that differ as the cases of a letter
/// do.
inline bool is_same_name(const char* theirs, const char* ours, std::size_t size) {
  constexpr std::uint64_t kCaseBits = bytes::kOnes * 0x20;
  std::uint64_t differing = 0;
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i)
      differing |= static_cast<unsigned char>(theirs[i] ^ ours[i]);
    return (differing & ~kCaseBits) == 0;
  }
  const std::size_t last = size - 8;
  for (std::size_t i = 0; i < last; i += 8)
    differing |= bytes::load_word(theirs + i) ^ bytes::load_word(ours + i);
  differing |= bytes::load_word(theirs + last) ^ bytes::load_word(ours + last);
  return (differing & ~kCaseBits) == 0;
}

/// Whether the field, whose name is a token, has that name: not empty, without `^` and `~`.
inline bool has_name(const Field& field, std::string_view name) {
  // Most fields of the same length begin with another letter.
  constexpr unsigned kCase = 0x20;
  return field.name.size() == name.size() &&
         ((static_cast<unsigned>(field.name[0]) ^ static_cast<unsigned>(name[0])) | kCase) ==
             kCase &&
         is_same_name(field.name.data(), name.data(), name.size());
}

/// The first value of the field with that name.
std::optional<std::string_view> find_field(FieldView fields, std::string_view name);

}  // namespace spillway::base
