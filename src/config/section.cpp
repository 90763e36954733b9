#include "section.hpp"

#include "scalars.hpp"

#include <algorithm>

namespace spillway::config {
namespace {

constexpr std::size_t kMaxNameLength = 64;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._-/@:+").find(c) != std::string_view::npos;
}

// A number or a flag in quotes is a text, unless the quotes are there for a substitution.
bool is_quoted_literal(const Node& node) {
  return node.kind == Node::Kind::scalar && node.is_quoted && !has_substitution(node.text);
}

}  // namespace

Section::Section(Reading& reading, Value value, std::string_view expected)
    : reading_(reading), value_(std::move(value)) {
  if (reading_.is_kind(value_, Node::Kind::map, expected)) entries_ = &value_.node->entries;
}

void Section::finish() {
  if (!is_map()) return;
  for (const Entry& entry : *entries_) {
    if (std::find(asked_.begin(), asked_.end(), entry.key) != asked_.end()) continue;
    reading_.report(
        entry.key_mark, child_path(value_.path, entry.key),
        "unknown key;" + did_you_mean(entry.key, asked_) + " allowed here: " + joined(asked_));
  }
}

std::optional<Value> Section::find(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  if (!is_map()) return std::nullopt;
  const auto entry = std::find_if(entries_->begin(), entries_->end(),
                                  [&](const Entry& candidate) { return candidate.key == key; });
  if (entry == entries_->end()) return std::nullopt;
  return Value{&entry->value, child_path(value_.path, key)};
}

std::optional<Value> Section::require(std::string_view key, std::string_view why) {
  auto value = find(key);
  if (!value && is_map()) {
    reading_.report(value_.node->mark, child_path(value_.path, key),
                    "is missing; " + std::string(why));
  }
  return value;
}

bool Section::refuse(std::string_view key, std::string_view message) {
  if (!find(key)) return false;
  const auto entry = std::find_if(entries_->begin(), entries_->end(),
                                  [&](const Entry& candidate) { return candidate.key == key; });
  reading_.report(entry->key_mark, child_path(value_.path, key), std::string(message));
  return true;
}

Value Section::place_of(std::string_view key) {
  auto value = find(key);
  return value ? std::move(*value) : Value{value_.node, child_path(value_.path, key)};
}

void Section::report_range(const Value& value, const std::string& least, const std::string& most) {
  reading_.report(value, show(value) + " is out of range; allowed: " + least + " to " + most);
}

void Section::duration(std::string_view key, Duration& out, Range<Duration> allowed) {
  const auto value = find(key);
  if (!value) return;
  const auto text = reading_.text(*value, "a duration such as 250ms, 10s, 1m30s, 2h or PT1M");
  if (!text) return;
  const auto parsed = parse_duration(*text);
  if (!parsed) {
    reading_.report(*value, show(*value) + " " + parsed.message());
  } else if (*parsed < allowed.least || *parsed > allowed.most) {
    report_range(*value, format_duration(allowed.least), format_duration(allowed.most));
  } else {
    out = *parsed;
  }
}

void Section::size(std::string_view key, std::uint64_t& out, Range<std::uint64_t> allowed) {
  const auto value = find(key);
  if (!value) return;
  const auto text = reading_.text(*value, "a size such as 256B, 64KiB, 16MiB or 1GiB");
  if (!text) return;
  const auto parsed = parse_size(*text);
  if (!parsed) {
    reading_.report(*value, show(*value) + " " + parsed.message());
  } else if (*parsed < allowed.least || *parsed > allowed.most) {
    report_range(*value, format_size(allowed.least), format_size(allowed.most));
  } else {
    out = *parsed;
  }
}

void Section::number(std::string_view key, unsigned& out, Range<unsigned> allowed) {
  const auto value = find(key);
  if (!value) return;
  const std::string expected = "a whole number from " + std::to_string(allowed.least) + " to " +
                               std::to_string(allowed.most);
  if (is_quoted_literal(*value->node)) {
    reading_.report(*value, show(*value) + " is a text (in quotes); expected " + expected);
    return;
  }
  const auto text = reading_.text(*value, expected);
  if (!text) return;
  const auto parsed = parse_number(*text);
  if (!parsed || *parsed < allowed.least || *parsed > allowed.most) {
    reading_.report(*value, show(*value) + " is not " + expected);
  } else {
    out = *parsed;
  }
}

void Section::percent(std::string_view key, unsigned& out) {
  const auto value = find(key);
  if (!value) return;
  const auto text = reading_.text(*value, "a percentage such as 20%");
  if (!text) return;
  const auto parsed = parse_percent(*text);
  if (!parsed) {
    reading_.report(*value, show(*value) + " " + parsed.message());
  } else {
    out = *parsed;
  }
}

void Section::flag(std::string_view key, bool& out) {
  const auto value = find(key);
  if (!value) return;
  if (is_quoted_literal(*value->node)) {
    reading_.report(*value, show(*value) + " is a text (in quotes); expected true or false");
    return;
  }
  const auto text = reading_.text(*value, "true or false");
  if (!text) return;
  if (*text == "true" || *text == "false") {
    out = *text == "true";
  } else {
    reading_.report(*value, show(*value) + " is not true or false");
  }
}

void Section::text(std::string_view key, std::string& out) {
  const auto value = find(key);
  if (!value) return;
  auto text = reading_.text(*value, "a text");
  if (!text) return;
  if (text->empty()) {
    reading_.report(*value, show(*value) + " is empty; expected a text");
  } else {
    out = std::move(*text);
  }
}

void Section::file(std::string_view key, std::string& out) {
  text(key, out);
  if (!out.empty()) reading_.use_file(place_of(key), out);
}

bool Section::list(std::string_view key, const std::function<void(const Value&)>& read) {
  const auto value = find(key);
  if (!value || !reading_.is_kind(*value, Node::Kind::sequence, "a list")) return false;
  for (std::size_t i = 0; i < value->node->items.size(); ++i) {
    read({&value->node->items[i], value->path + "[" + std::to_string(i) + "]"});
  }
  return true;
}

std::optional<std::size_t> Section::index_of(const Value& value,
                                             const std::vector<std::string>& names) {
  return read_choice(reading_, value, names);
}

std::optional<std::size_t> read_choice(Reading& reading, const Value& value,
                                       const std::vector<std::string>& names) {
  const std::string expected = "one of " + joined(names);
  const auto text = reading.text(value, expected);
  if (!text) return std::nullopt;
  const auto found = std::find(names.begin(), names.end(), *text);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  reading.report(value, show(value) + " is not allowed;" + did_you_mean(*text, names) +
                            " expected " + expected);
  return std::nullopt;
}

std::optional<std::string> read_name(Reading& reading, const Value& value) {
  auto text = reading.text(value, "a name");
  if (!text) return std::nullopt;
  const bool is_name = !text->empty() && text->size() <= kMaxNameLength &&
                       std::all_of(text->begin(), text->end(), is_name_character);
  if (is_name) return text;
  reading.report(
      value, show(value) + " is not a name; allowed: 1 to 64 letters, digits and . _ - / @ : +");
  return std::nullopt;
}

}  // namespace spillway::config
