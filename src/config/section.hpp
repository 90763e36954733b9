#pragma once
// One map of the file being read key by key. Each reader says where its value goes and what is
// allowed; a key that nobody asked for is unknown. A destination keeps its default where the key is
// absent or its value is wrong.

#include "reading.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::config {

/// Inclusive bounds of a value.
template <class T>
struct Range {
  T least;
  T most;
};

template <class T>
struct Choice {
  std::string_view name;
  T value;
};

class Section {
 public:
  /// Reports (and is then empty) unless the value is a map. `expected` completes "expected ...".
  Section(Reading& reading, Value value, std::string_view expected = "a map");

  /// Reports the keys that were not asked for. To be called when all others have been.
  void finish();

  [[nodiscard]] bool is_map() const { return entries_ != nullptr; }
  [[nodiscard]] const Value& value() const { return value_; }
  Reading& reading() { return reading_; }

  /// The value of a key, if written. Asking makes the key known.
  std::optional<Value> find(std::string_view key);
  /// As find; reports an absent key. `why` completes "is missing; ...".
  std::optional<Value> require(std::string_view key, std::string_view why);
  /// Reports the key if it is written: part of the language, but not of this version.
  bool refuse(std::string_view key, std::string_view message);

  /// The place of the key: its value if written, else this section.
  Value place_of(std::string_view key);

  void duration(std::string_view key, Duration& out, Range<Duration> allowed);
  void size(std::string_view key, std::uint64_t& out, Range<std::uint64_t> allowed);
  void number(std::string_view key, unsigned& out, Range<unsigned> allowed);
  void percent(std::string_view key, unsigned& out);
  void flag(std::string_view key, bool& out);
  /// Any text but the empty one.
  void text(std::string_view key, std::string& out);
  /// A path, which is also noted as used.
  void file(std::string_view key, std::string& out);

  template <class T>
  void choice(std::string_view key, T& out, const std::vector<Choice<T>>& choices) {
    const auto value = find(key);
    if (!value) return;
    std::vector<std::string> names;
    for (const auto& candidate : choices)
      names.emplace_back(candidate.name);
    if (const auto index = index_of(*value, names)) out = choices[*index].value;
  }

  /// Calls `read` for each item of a list. Returns whether the key is there and holds a list.
  bool list(std::string_view key, const std::function<void(const Value&)>& read);

 private:
  std::optional<std::size_t> index_of(const Value& value, const std::vector<std::string>& names);
  void report_range(const Value& value, const std::string& least, const std::string& most);

  Reading& reading_;
  Value value_;
  const std::vector<Entry>* entries_ = nullptr;
  std::vector<std::string> asked_;
};

/// The text of `value` if it is one of `names`, as its index; else reports.
std::optional<std::size_t> read_choice(Reading& reading, const Value& value,
                                       const std::vector<std::string>& names);

/// A name by which others refer to the thing: it shows up in logs, metrics and headers. Reports
/// unless 1 to 64 letters, digits and . _ - / @ : +.
std::optional<std::string> read_name(Reading& reading, const Value& value);

}  // namespace spillway::config
