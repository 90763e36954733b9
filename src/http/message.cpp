#include <spillway/base/text.hpp>
#include <spillway/http/message.hpp>

#include <algorithm>

namespace spillway::http {

void FieldList::add(std::string_view name, std::string_view value) {
  Place place{};
  place.name_offset = static_cast<std::uint32_t>(text_.size());
  place.name_size = static_cast<std::uint32_t>(name.size());
  text_.append(name);
  place.value_offset = static_cast<std::uint32_t>(text_.size());
  place.value_size = static_cast<std::uint32_t>(value.size());
  text_.append(value);
  places_.push_back(place);
}

void FieldList::reserve(std::size_t fields, std::size_t bytes) {
  places_.reserve(fields);
  text_.reserve(bytes);
}

std::string_view FieldList::name_at(const Place& place) const {
  return std::string_view(text_).substr(place.name_offset, place.name_size);
}

std::string_view FieldList::value_at(const Place& place) const {
  return std::string_view(text_).substr(place.value_offset, place.value_size);
}

base::Field FieldList::operator[](std::size_t index) const {
  return {name_at(places_[index]), value_at(places_[index])};
}

std::optional<std::string_view> FieldList::find(std::string_view name) const {
  for (const Place& place : places_) {
    if (base::equals_ignoring_case(name_at(place), name)) return value_at(place);
  }
  return std::nullopt;
}

std::size_t FieldList::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      places_.begin(), places_.end(),
      [&](const Place& place) { return base::equals_ignoring_case(name_at(place), name); }));
}

std::string FieldList::join(std::string_view name) const {
  std::string joined;
  for (const Place& place : places_) {
    if (!base::equals_ignoring_case(name_at(place), name)) continue;
    if (!joined.empty()) joined += ", ";
    joined += value_at(place);
  }
  return joined;
}

void FieldList::replace(std::string_view name, std::string_view value) {
  const auto has_name = [&](const Place& place) {
    return base::equals_ignoring_case(name_at(place), name);
  };
  const auto first = std::find_if(places_.begin(), places_.end(), has_name);
  if (first == places_.end()) {
    add(name, value);
    return;
  }
  places_.erase(std::remove_if(first + 1, places_.end(), has_name), places_.end());
  first->value_offset = static_cast<std::uint32_t>(text_.size());
  first->value_size = static_cast<std::uint32_t>(value.size());
  text_.append(value);
}

std::vector<base::Field> FieldList::views() const {
  std::vector<base::Field> fields;
  fields.reserve(places_.size());
  for (std::size_t i = 0; i < places_.size(); ++i)
    fields.push_back((*this)[i]);
  return fields;
}

}  // namespace spillway::http
