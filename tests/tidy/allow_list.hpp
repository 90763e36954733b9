#pragma once
// The exceptions from the tidy rules, each with its reason: lines of `path | rule | reason`. An
// entry that excuses nothing any more is a finding itself, so the list only holds what is true.

#include "rules.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace spillway::tidy {

class AllowList {
 public:
  /// Lines that are empty or begin with '#' say nothing. A line without a reason is kept and
  /// reported by `complaints`.
  explicit AllowList(std::string_view text);

  /// The findings that no entry excuses.
  Findings filter(const Findings& findings);
  /// Malformed entries, and those that `filter` never needed.
  [[nodiscard]] Findings complaints() const;

 private:
  struct Entry {
    std::string path;
    std::string rule;
    std::string reason;
    std::size_t line = 0;
    bool was_needed = false;
  };
  std::vector<Entry> entries_;
};

}  // namespace spillway::tidy
