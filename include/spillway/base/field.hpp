#pragma once
// One header field, seen but not owned, and a look at several. Lets pure modules read headers
// without knowing http.

#include <spillway/base/text.hpp>

#include <optional>
#include <span>
#include <string_view>

namespace spillway::base {

struct Field {
  std::string_view name;
  std::string_view value;  // without surrounding whitespace
};

using FieldView = std::span<const Field>;

/// Compared without case (RFC 9110 §5.1). `name` is not empty.
inline bool has_name(const Field& field, std::string_view name) {
  // Most fields of the same length begin with another letter: that is seen without a call.
  constexpr unsigned kCase = 0x20;
  return field.name.size() == name.size() &&
         ((static_cast<unsigned>(field.name[0]) ^ static_cast<unsigned>(name[0])) | kCase) ==
             kCase &&
         equals_ignoring_case(field.name.data(), name.data(), name.size());
}

/// The first value of the field with that name.
std::optional<std::string_view> find_field(FieldView fields, std::string_view name);

}  // namespace spillway::base
