#include "conformance_table.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace spillway::tidy {
namespace {

constexpr std::size_t kColumns = 5;  // id, rule, RFC, what we do, tests

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  line.remove_prefix(1);
  while (!line.empty()) {
    const auto bar = std::min(line.find('|'), line.size());
    if (bar == line.size()) break;
    cells.push_back(trimmed(line.substr(0, bar)));
    line.remove_prefix(bar + 1);
  }
  return cells;
}

// `Q01`: a letter and digits.
bool is_row_id(std::string_view cell) {
  return cell.size() == 3 && std::isupper(static_cast<unsigned char>(cell[0])) != 0 &&
         std::isdigit(static_cast<unsigned char>(cell[1])) != 0 &&
         std::isdigit(static_cast<unsigned char>(cell[2])) != 0;
}

// What stands in backquotes.
std::vector<std::string_view> quoted_in(std::string_view cell) {
  std::vector<std::string_view> names;
  for (;;) {
    const auto begin = cell.find('`');
    const auto end = begin == cell.npos ? cell.npos : cell.find('`', begin + 1);
    if (end == cell.npos) return names;
    names.push_back(cell.substr(begin + 1, end - begin - 1));
    cell.remove_prefix(end + 1);
  }
}

bool is_test(std::string_view name, std::string_view sources) {
  const auto dot = name.find('.');
  if (dot == name.npos) return false;
  const std::string arguments =
      "(" + std::string(name.substr(0, dot)) + ", " + std::string(name.substr(dot + 1)) + ")";
  for (const std::string_view macro : {"TEST", "TEST_F", "TEST_P"}) {
    if (sources.find(std::string(macro) + arguments) != sources.npos) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> check_conformance_table(std::string_view table, std::string_view sources) {
  std::vector<std::string> wrong;
  std::set<std::string_view> ids;
  while (!table.empty()) {
    const auto end = std::min(table.find('\n'), table.size());
    const std::string_view line = table.substr(0, end);
    table.remove_prefix(std::min(end + 1, table.size()));
    if (!line.starts_with('|')) continue;
    const auto cells = cells_of(line);
    if (cells.empty() || cells[0] == "id" || cells[0] == "---") continue;
    const std::string id(cells[0]);
    if (!is_row_id(id)) wrong.push_back(id + ": is not an id such as Q01");
    if (!ids.insert(cells[0]).second) wrong.push_back(id + ": is there twice");
    if (cells.size() != kColumns) {
      wrong.push_back(id + ": has not five columns");
      continue;
    }
    const auto tests = quoted_in(cells[4]);
    if (tests.empty()) wrong.push_back(id + ": names no test");
    for (const std::string_view test : tests) {
      if (!is_test(test, sources)) wrong.push_back(id + ": no test " + std::string(test));
    }
  }
  if (ids.empty()) wrong.emplace_back("there is no row");
  return wrong;
}

}  // namespace spillway::tidy
