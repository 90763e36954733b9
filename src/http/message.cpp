#include <spillway/base/text.hpp>
#include <spillway/http/message.hpp>

#include <algorithm>
#include <utility>

namespace spillway::http {
namespace {

// More than any std::string holds without memory of its own, whose address survives a move.
constexpr std::size_t kLeastText = 64;

std::string copy_of(std::string_view text) {
  std::string copy;
  copy.reserve(std::max(text.size(), kLeastText));
  copy += text;
  return copy;
}

// Makes views into `from` the same views into `to`.
void rebase(std::vector<base::Field>& fields, const char* from, const char* to) {
  const auto moved = [&](std::string_view view) {
    return view.empty() ? std::string_view(to, to)
                        : std::string_view(to + (view.data() - from), view.size());
  };
  for (base::Field& field : fields)
    field = {moved(field.name), moved(field.value)};
}

}  // namespace

FieldList::FieldList(std::string_view text, std::vector<base::Field> fields)
    : text_(copy_of(text)), fields_(std::move(fields)) {
  rebase(fields_, text.data(), text_.data());
  for (const base::Field& field : fields_)
    names_ |= bit_of(field.name);
}

FieldList::FieldList(const FieldList& other) : FieldList(other.text_, other.fields_) {}

FieldList& FieldList::operator=(FieldList other) noexcept {
  text_ = std::move(other.text_);
  fields_ = std::move(other.fields_);
  names_ = other.names_;
  return *this;
}

// Gives the text before, which views that came from outside may still mean.
std::string FieldList::grow(std::size_t bytes) {
  std::string larger;
  larger.reserve(std::max({text_.size() + bytes, 2 * text_.size(), kLeastText}));
  larger += text_;
  rebase(fields_, text_.data(), larger.data());
  text_.swap(larger);
  return larger;
}

std::string_view FieldList::keep(std::string_view text) {
  const std::size_t offset = text_.size();
  text_ += text;
  return std::string_view(text_).substr(offset);
}

void FieldList::add(std::string_view name, std::string_view value) {
  const std::size_t bytes = name.size() + value.size();
  std::string before;
  if (text_.capacity() < kLeastText || text_.capacity() - text_.size() < bytes) {
    before = grow(bytes);
  }
  const std::string_view kept_name = keep(name);
  fields_.push_back({kept_name, keep(value)});
  names_ |= bit_of(name);
}

std::size_t FieldList::count(std::string_view name) const {
  if (!may_have(name)) return 0;
  return static_cast<std::size_t>(
      std::count_if(fields_.begin(), fields_.end(),
                    [&](const base::Field& field) { return base::has_name(field, name); }));
}

std::optional<std::string_view> FieldList::find_only(std::string_view name) const {
  std::optional<std::string_view> only;
  if (!may_have(name)) return only;
  for (const base::Field& field : fields_) {
    if (!base::has_name(field, name)) continue;
    if (only) return std::nullopt;
    only = field.value;
  }
  return only;
}

std::string FieldList::join(std::string_view name) const {
  std::string joined;
  if (!may_have(name)) return joined;
  for (const base::Field& field : fields_) {
    if (!base::has_name(field, name)) continue;
    if (!joined.empty()) joined += ", ";
    joined += field.value;
  }
  return joined;
}

void FieldList::replace(std::string_view name, std::string_view value) {
  const auto has_name = [&](const base::Field& field) { return base::has_name(field, name); };
  const auto first = std::find_if(fields_.begin(), fields_.end(), has_name);
  if (first == fields_.end()) {
    add(name, value);
    return;
  }
  fields_.erase(std::remove_if(first + 1, fields_.end(), has_name), fields_.end());
  std::string before;
  if (text_.capacity() - text_.size() < value.size()) before = grow(value.size());
  first->value = keep(value);
}

}  // namespace spillway::http
