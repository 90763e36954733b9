// docs/http-conformance.md against the tests of this repository, and the check itself against pages
// that are wrong.
#include "conformance_table.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace spillway::tidy {
namespace {

namespace fs = std::filesystem;

using Problems = std::vector<std::string>;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

std::string all_tests(const fs::path& root) {
  std::string text;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().filename().string().ends_with("_test.cpp")) text += read_file(entry.path());
  }
  return text;
}

const std::string kHead =
    "| id | rule | RFC | what we do | tests |\n| --- | --- | --- | --- | --- |\n";
const std::string kSources = "TEST(Suite, Name) {}\nTEST_F(Fixture, Other) {}\n";

Problems problems_of(const std::string& rows) {
  return check_conformance_table("# Page\n\n" + kHead + rows, kSources);
}

TEST(ConformanceTable, EveryRuleHasATestThatExists) {
  const fs::path root(SPILLWAY_SOURCE_DIR);
  EXPECT_EQ(check_conformance_table(read_file(root / "docs/http-conformance.md"),
                                    all_tests(root / "tests")),
            Problems());
}

TEST(ConformanceTable, ARowWithATestIsFine) {
  EXPECT_EQ(problems_of("| Q01 | r | 9112 | d | `Suite.Name`, `Fixture.Other` |\n"), Problems());
}

TEST(ConformanceTable, WhatIsMissingIsFound) {
  EXPECT_EQ(problems_of("| Q01 | r | 9112 | d | `Suite.Gone` |\n"),
            Problems{"Q01: no test Suite.Gone"});
  EXPECT_EQ(problems_of("| Q01 | r | 9112 | d | `Suite` |\n"), Problems{"Q01: no test Suite"});
  EXPECT_EQ(problems_of("| Q01 | r | 9112 | `d` | |\n"), Problems{"Q01: names no test"});
  EXPECT_EQ(problems_of("| Q01 | r | 9112 | `Suite.Name` |\n"),
            Problems{"Q01: has not five columns"});
  EXPECT_EQ(problems_of("| x | r | 9112 | d | `Suite.Name` |\n"),
            Problems{"x: is not an id such as Q01"});
  const std::string row = "| Q01 | r | 9112 | d | `Suite.Name` |\n";
  EXPECT_EQ(problems_of(row + row), Problems{"Q01: is there twice"});
  EXPECT_EQ(problems_of(""), Problems{"there is no row"});
}

}  // namespace
}  // namespace spillway::tidy
