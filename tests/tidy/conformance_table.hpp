#pragma once
// The check on docs/http-conformance.md: each rule has a test, and each test that it names is
// there.

#include <string>
#include <string_view>
#include <vector>

namespace spillway::tidy {

/// `table`: the page. `sources`: the text of all tests. What is wrong, a line each; a page without
/// rows is wrong too.
std::vector<std::string> check_conformance_table(std::string_view table, std::string_view sources);

}  // namespace spillway::tidy
