#pragma once
// A header value of the kind `form-data; name="model"; filename="a b.wav"` (RFC 9110 §5.6.6, RFC
// 2183) taken apart, for Content-Type and Content-Disposition. Says where readers differ, because
// what decides about access must not be read one way here and another way by a backend.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::aoai {

struct Parameter {
  std::string_view name;
  std::string value;  // without quotes, escapes undone
  /// It has escapes: readers differ on what it says.
  bool is_escaped = false;
};

struct ParameterisedValue {
  std::string_view kind;  // before the first semicolon
  std::vector<Parameter> parameters;
  /// Readers differ on where a parameter ends: a quote that is escaped, left open or followed by
  /// more; a parameter without a value; a name twice.
  bool is_ambiguous = false;

  /// Compared without case; the first of that name.
  [[nodiscard]] const Parameter* find(std::string_view name) const;
};

/// Views point into `text`. Blanks around names and values are dropped, also around `=`.
ParameterisedValue read_parameters(std::string_view text);

/// What delimits the parts of a body of this Content-Type. Nothing if it is not
/// multipart/form-data, or names no boundary that RFC 2046 §5.1.1 allows (1 to 70 characters of its
/// set, no blank at the end).
std::optional<std::string> form_boundary(std::string_view content_type);

}  // namespace spillway::aoai
