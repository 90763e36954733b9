#pragma once
// One header field, seen but not owned, and a look at several. Lets pure modules read headers
// without knowing http.

#include <optional>
#include <span>
#include <string_view>

namespace spillway::base {

struct Field {
  std::string_view name;
  std::string_view value;  // without surrounding whitespace
};

using FieldView = std::span<const Field>;

/// The first value of the field with that name, compared without case (RFC 9110 §5.1).
std::optional<std::string_view> find_field(FieldView fields, std::string_view name);

}  // namespace spillway::base
