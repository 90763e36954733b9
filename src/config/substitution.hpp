#pragma once
// `${NAME}`, `${NAME:-default}`, `${file:/path}` and `$$` in a scalar. What is put in stays text:
// it is never read as YAML, and never searched for further substitutions.

#include "scalars.hpp"
#include <spillway/config/load.hpp>

#include <string>
#include <string_view>

namespace spillway::config {

class Substitution {
 public:
  /// `sources` must outlive this.
  explicit Substitution(const Sources& sources) : sources_(sources) {}

  /// `written` with everything put in. The message of a failure names the variable or the file,
  /// never what was read from it, nor the rest of `written`.
  Parsed<std::string> expand(std::string_view written);

 private:
  Parsed<std::string> reference(std::string_view inside);
  Parsed<std::string> variable(std::string_view inside);
  Parsed<std::string> file(const std::string& path);

  const Sources& sources_;
  std::size_t bytes_put_in_ = 0;  // in all scalars together, so that few bytes cannot grow to many
};

/// Whether expand() would do anything: whether the text holds a `$`.
bool has_substitution(std::string_view written);

}  // namespace spillway::config
