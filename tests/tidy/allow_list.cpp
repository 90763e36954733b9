#include "allow_list.hpp"

namespace spillway::tidy {
namespace {

constexpr std::string_view kPath = "tests/tidy/allow_list.txt";

std::string take_column(std::string_view& line) {
  const auto bar = line.find('|');
  const auto column = trimmed(line.substr(0, bar));
  line = bar == std::string_view::npos ? std::string_view() : line.substr(bar + 1);
  return std::string(column);
}

}  // namespace

AllowList::AllowList(std::string_view text) {
  std::size_t number = 0;
  for (auto line : lines_of(text)) {
    ++number;
    if (trimmed(line).empty() || trimmed(line).starts_with('#')) {
      continue;
    }
    Entry entry;
    entry.line = number;
    entry.path = take_column(line);
    entry.rule = take_column(line);
    entry.reason = take_column(line);
    entries_.push_back(std::move(entry));
  }
}

Findings AllowList::filter(const Findings& findings) {
  Findings left;
  for (const auto& finding : findings) {
    bool is_excused = false;
    for (auto& entry : entries_) {
      if (entry.path == finding.path && entry.rule == finding.rule && !entry.reason.empty()) {
        entry.was_needed = is_excused = true;
      }
    }
    if (!is_excused) {
      left.push_back(finding);
    }
  }
  return left;
}

Findings AllowList::complaints() const {
  Findings complaints;
  for (const auto& entry : entries_) {
    if (entry.reason.empty()) {
      complaints.push_back({std::string(kPath), entry.line, "allow-list",
                            "write `path | rule | reason`: an exception has a reason"});
    } else if (!entry.was_needed) {
      complaints.push_back(
          {std::string(kPath), entry.line, "allow-list",
           entry.path + " does not break '" + entry.rule + "' any more: remove it"});
    }
  }
  return complaints;
}

}  // namespace spillway::tidy
