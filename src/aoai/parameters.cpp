#include <spillway/aoai/parameters.hpp>
#include <spillway/base/text.hpp>

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace spillway::aoai {
namespace {

constexpr std::size_t kMaxBoundary = 70;

// From left to right; what was read is cut off `rest_`.
class ParameterReader {
 public:
  explicit ParameterReader(std::string_view text) : rest_(text) {}

  ParameterisedValue read() {
    ParameterisedValue value;
    value.kind = base::trim(take_until(';'));
    while (!rest_.empty()) {
      rest_.remove_prefix(1);  // the semicolon
      read_parameter(value);
    }
    return value;
  }

 private:
  std::string_view take_until(char stop) {
    const std::string_view taken = rest_.substr(0, rest_.find(stop));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
  }

  void read_parameter(ParameterisedValue& value) {
    const std::size_t name_end = std::min(rest_.find_first_of("=;"), rest_.size());
    Parameter parameter;
    parameter.name = base::trim(rest_.substr(0, name_end));
    rest_.remove_prefix(name_end);
    if (!rest_.starts_with('=')) {
      // A semicolon too many says nothing.
      value.is_ambiguous = value.is_ambiguous || !parameter.name.empty();
      return;
    }
    rest_.remove_prefix(1);
    skip_blanks();
    const bool is_clear = rest_.starts_with('"') ? read_quoted(parameter) : read_token(parameter);
    const bool is_new = value.find(parameter.name) == nullptr;
    value.is_ambiguous = value.is_ambiguous || !is_clear || !is_new;
    value.parameters.push_back(std::move(parameter));
  }

  bool read_token(Parameter& parameter) {
    parameter.value = base::trim(take_until(';'));
    return parameter.value.find_first_of("\"\\ \t") == std::string::npos;
  }

  bool read_quoted(Parameter& parameter) {
    bool has_escaped_quote = false;
    std::size_t at = 1;
    for (; at < rest_.size() && rest_[at] != '"'; ++at) {
      if (rest_[at] == '\\' && at + 1 < rest_.size()) {
        ++at;
        parameter.is_escaped = true;
        has_escaped_quote = has_escaped_quote || rest_[at] == '"';
      }
      parameter.value += rest_[at];
    }
    const bool is_closed = at < rest_.size();
    rest_.remove_prefix(std::min(at + 1, rest_.size()));
    const bool is_followed = !base::trim(take_until(';')).empty();
    return is_closed && !is_followed && !has_escaped_quote;
  }

  std::string_view rest_;
};

bool is_boundary_character(char c) {
  constexpr std::string_view punctuation = "'()+_,-./:=? ";
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         punctuation.find(c) != std::string_view::npos;
}

}  // namespace

const Parameter* ParameterisedValue::find(std::string_view name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const auto& each) {
    return base::equals_ignoring_case(each.name, name);
  });
  return found == parameters.end() ? nullptr : &*found;
}

ParameterisedValue read_parameters(std::string_view text) {
  return ParameterReader(text).read();
}

std::optional<std::string> form_boundary(std::string_view content_type) {
  const ParameterisedValue type = read_parameters(content_type);
  if (!base::equals_ignoring_case(type.kind, "multipart/form-data")) return std::nullopt;
  const Parameter* boundary = type.find("boundary");
  if (boundary == nullptr || boundary->is_escaped || type.is_ambiguous) return std::nullopt;
  const std::string& text = boundary->value;
  const bool is_allowed = !text.empty() && text.size() <= kMaxBoundary && text.back() != ' ' &&
                          std::all_of(text.begin(), text.end(), is_boundary_character);
  return is_allowed ? std::optional(text) : std::nullopt;
}

}  // namespace spillway::aoai
