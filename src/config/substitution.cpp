#include "substitution.hpp"

#include <spillway/base/text.hpp>

#include <algorithm>

namespace spillway::config {
namespace {

constexpr std::size_t kMaxBytesPutIn = 1U << 20U;
constexpr std::size_t kMaxNameShown = 100;
constexpr std::string_view kForms =
    "write ${NAME}, ${NAME:-default} or ${file:/path}, and $$ for a dollar sign";

Parsed<std::string> wrong(std::string message) {
  return Parsed<std::string>::wrong(std::move(message));
}

bool is_variable_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && (name.front() < '0' || name.front() > '9') &&
         std::all_of(name.begin(), name.end(), is_variable_character);
}

}  // namespace

bool has_substitution(std::string_view written) {
  return written.find('$') != std::string_view::npos;
}

Parsed<std::string> Substitution::expand(std::string_view written) {
  std::string out;
  while (!written.empty()) {
    const auto dollar = std::min(written.find('$'), written.size());
    out += written.substr(0, dollar);
    written.remove_prefix(dollar);
    if (written.empty()) break;
    if (written.starts_with("$$")) {
      out += '$';
      written.remove_prefix(2);
      continue;
    }
    const auto close = written.find('}');
    if (!written.starts_with("${") || close == std::string_view::npos) {
      return wrong("has a $ that begins no substitution; " + std::string(kForms));
    }
    auto value = reference(written.substr(2, close - 2));
    if (!value) return value;
    bytes_put_in_ += value->size();
    if (bytes_put_in_ > kMaxBytesPutIn) {
      return wrong("brings the substituted text of this file above 1MiB");
    }
    out += *value;
    written.remove_prefix(close + 1);
  }
  return out;
}

Parsed<std::string> Substitution::reference(std::string_view inside) {
  constexpr std::string_view file_prefix = "file:";
  if (inside.starts_with(file_prefix)) return file(std::string(inside.substr(file_prefix.size())));
  return variable(inside);
}

Parsed<std::string> Substitution::variable(std::string_view inside) {
  const auto separator = inside.find(":-");
  const std::string name(inside.substr(0, separator));
  if (!is_variable_name(name)) {
    return wrong("has a malformed substitution; " + std::string(kForms));
  }
  const auto value = sources_.environment ? sources_.environment(name) : std::nullopt;
  if (separator == std::string_view::npos) {
    if (value) return *value;
    return wrong("refers to the environment variable " + name.substr(0, kMaxNameShown) +
                 ", which is not set; set it or write ${NAME:-default}");
  }
  const std::string_view fallback = inside.substr(separator + 2);
  if (has_substitution(fallback)) {
    return wrong("has a substitution inside the default of another, which is not supported");
  }
  // As in a shell, the default also stands in for a variable that is set but empty.
  return value && !value->empty() ? *value : std::string(fallback);
}

Parsed<std::string> Substitution::file(const std::string& path) {
  if (path.empty()) return wrong("names no file; write ${file:/path}");
  auto content = sources_.file ? sources_.file(path) : std::nullopt;
  if (!content) {
    return wrong("refers to the file " + base::json_escape(path, kMaxNameShown) +
                 ", which cannot be read (missing, no permission, not a regular file, or above "
                 "1MiB)");
  }
  if (content->ends_with('\n')) content->pop_back();
  if (content->ends_with('\r')) content->pop_back();
  return std::move(*content);
}

}  // namespace spillway::config
