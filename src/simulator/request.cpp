#include "simulator/request.hpp"

#include <spillway/base/text.hpp>

#include <algorithm>

namespace spillway::simulator {

std::string_view Request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::optional<std::string> Request::query(std::string_view name) const {
  const auto mark = target.find('?');
  if (mark == std::string::npos) return std::nullopt;
  return form_value(std::string_view(target).substr(mark + 1), name);
}

std::optional<std::string> Request::header(std::string_view name) const {
  for (const auto& field : headers) {
    if (base::equals_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::optional<std::string> Request::form_field(std::string_view name) const {
  for (const auto& part : form) {
    if (part.name == name && part.file_name.empty()) return part.content;
  }
  return std::nullopt;
}

std::optional<std::string> form_value(std::string_view form, std::string_view name) {
  while (!form.empty()) {
    const auto pair = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(form.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    if (equals == std::string_view::npos) return std::string();
    std::string value(pair.substr(equals + 1));
    std::replace(value.begin(), value.end(), '+', ' ');
    return base::percent_decode(value).value_or(value);
  }
  return std::nullopt;
}

}  // namespace spillway::simulator
