// The YAML layer as load() shows it: syntax, limits, duplicates, what is refused.

#include "config_test_support.hpp"

#include <gtest/gtest.h>

namespace spillway::config::testing {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i)
    out += text;
  return out;
}

TEST(Yaml, an_empty_file_is_one_problem) {
  for (const std::string_view text : {"", "# only a comment\n", "---\n", "~\n"}) {
    SCOPED_TRACE(text);
    expect_problems(load(text, {}), {{1, 1, "", "the file is empty"}});
  }
}

TEST(Yaml, the_top_must_be_a_map) {
  expect_problems(load("- a\n", {}), {{1, 1, "", "is a list; expected a map with listeners"}});
  expect_problems(load("hello\n", {}), {{1, 1, "", "is a single value; expected a map"}});
}

TEST(Yaml, syntax_errors_are_one_problem_with_their_place) {
  expect_problems(load("a: [1, 2\n", {}), {{2, 1, "", "end of sequence flow not found"}});
  expect_problems(load("a: b: c\n", {}), {{1, 5, "", "YAML syntax: illegal map value"}});
  expect_problems(load("listeners:\n\t- address: x\n", {}),
                  {{2, 2, "", "a tab must not indent a line"}});
  expect_problems(load("a: @x\n", {}), {{1, 4, "", "YAML syntax: unknown token"}});
}

TEST(Yaml, an_unquoted_substitution_in_braces_gets_a_hint) {
  expect_problems(load("a: {b: ${X}}\n", {}), {{1, 9, "", "${...} must be in quotes"}});
}

TEST(Yaml, a_second_document_is_refused) {
  expect_problems(load("a: 1\n---\nb: 2\n", {}),
                  {{2, 1, "", "a second YAML document begins here"}});
  // yaml-cpp 0.7 finds endless documents in this one.
  EXPECT_FALSE(load(",,,,", {}).problems.empty());
}

TEST(Yaml, one_document_may_be_marked) {
  EXPECT_EQ(all_of(load("---\n" + std::string(kPrelude) + "...\n", {})), "");
}

TEST(Yaml, a_duplicate_key_names_the_first_line) {
  expect_broken({
      {"log:\n  level: info\n  format: text\n  level: debug\n",
       {7, 3, "log.level", "duplicate key; it is already set in line 5"}},
      {"listeners: []\n", {4, 1, "listeners", "duplicate key; it is already set in line 1"}},
      {"log: { level: info, \"level\": debug }\n", {4, 21, "log.level", "duplicate key"}},
      {"pools: [ { name: default, members: [ { backend: a, backend: b } ] } ]\n",
       {4, 52, "pools[0].members[0].backend", "duplicate key"}},
  });
}

TEST(Yaml, the_first_of_two_duplicates_counts) {
  const Loaded loaded = load_after_prelude("log: { level: debug, level: error }\n");
  EXPECT_EQ(loaded.configuration.log.level, LogLevel::debug);
}

TEST(Yaml, anchors_aliases_merge_keys_and_tags_are_refused) {
  expect_problems(load_after_prelude("log: &l { level: info }\nserver: *l\n"),
                  {{4, 6, "log", "anchors (&name) are not supported"},
                   {5, 9, "server", "aliases (*name) are not supported"}});
  expect_problems(load_after_prelude("log: { <<: { level: info } }\n"),
                  {{4, 8, "log", "merge keys (<<) are not supported"}});
  expect_problems(load_after_prelude("log: { level: !!str info }\n"),
                  {{4, 15, "log.level", "tags (!name) are not supported"}});
}

TEST(Yaml, an_alias_bomb_costs_nothing) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    const char before = static_cast<char>(c - 1);
    bomb +=
        std::string(1, c) + ": &" + c + " [" + repeated(std::string("*") + before + ",", 9) + "]\n";
  }
  const Loaded loaded = load(bomb, {});
  EXPECT_NE(all_of(loaded).find("aliases (*name) are not supported"), std::string::npos);
}

TEST(Yaml, keys_must_be_plain_texts) {
  expect_broken({
      {"[a, b]: 1\n", {4, 1, "", "a key must be a plain text"}},
      {"log: { {a: b}: 1 }\n", {4, 8, "log", "a key must be a plain text"}},
      {"log: { ~: 1 }\n", {4, 8, "log", "a key must be a plain text"}},
  });
}

TEST(Yaml, nesting_is_limited) {
  expect_problems(load("a: " + repeated("[", 40) + repeated("]", 40), {}),
                  {{1, 35, "a" + repeated("[0]", 31), "nested more than 32 levels deep"}});
  expect_problems(load(repeated("- ", 200'000), {}),
                  {{1, 65, repeated("[0]", 32), "nested more than 32 levels deep"}});
}

TEST(Yaml, size_and_count_are_limited) {
  expect_problems(load(std::string((1U << 20U) + 1, ' '), {}),
                  {{0, 0, "", "the file is larger than 1MiB"}});
  EXPECT_EQ(all_of(load(std::string(kPrelude) + std::string(1'000'000, '\n'), {})), "");
  const Loaded many = load("a: [" + repeated("1,", 100'000) + "]", {});
  ASSERT_EQ(many.problems.size(), 1U);
  EXPECT_EQ(many.problems[0].message, "the file has more than 100000 values");
  expect_problems(load(repeated("[", 100'001), {}),
                  {{0, 0, "", "more than 100000 opening brackets"}});
}

TEST(Yaml, problems_are_limited) {
  const Loaded loaded = load_after_prelude("log: {" + repeated("a: 1,", 5000) + "}");
  ASSERT_EQ(loaded.problems.size(), 1001U);
  EXPECT_NE(loaded.problems.back().message.find("only the first 1000"), std::string::npos);
  std::string unknown;
  for (int i = 0; i < 5000; ++i)
    unknown += "k" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(load_after_prelude(unknown).problems.size(), 1001U);
}

TEST(Yaml, bytes_that_are_not_text_are_refused) {
  // yaml-cpp takes U+0004 for the end of the file: what follows would be ignored in silence.
  expect_problems(load("a: 1\nb: \4 2\n", {}), {{2, 4, "", "control character"}});
  expect_problems(load(std::string("a: \0x\n", 6), {}), {{1, 4, "", "control character"}});
  expect_problems(load(std::string("\xFF\xFEx\0", 4), {}), {{1, 1, "", "not UTF-8"}});
}

TEST(Yaml, a_byte_order_mark_is_no_trouble) {
  EXPECT_EQ(all_of(load("\xEF\xBB\xBF" + std::string(kPrelude), {})), "");
}

TEST(Yaml, a_key_without_value_is_blamed_where_it_stands) {
  expect_broken({
      {"log:\n\n\nserver: { threads: 1 }\n", {4, 1, "log", "has no value; expected a map"}},
      {"server: { threads: }\n",
       {4, 11, "server.threads", "has no value; expected a whole number"}},
      {"log: { level: null }\n", {4, 8, "log.level", "has no value; expected one of trace"}},
  });
}

TEST(Yaml, a_strange_key_is_escaped_and_cut) {
  const Loaded loaded = load_after_prelude("\"\\e[31m" + std::string(500, 'x') + "\": 1\n");
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].path.substr(0, 12), "\\u001b[31mxx");
  EXPECT_LT(loaded.problems[0].path.size(), 100U);
}

TEST(Describe, shows_file_place_path_and_message) {
  EXPECT_EQ(describe({7, 3, "log.level", "is wrong"}, "/etc/s.yaml"),
            "/etc/s.yaml:7:3: log.level: is wrong");
  EXPECT_EQ(describe({7, 3, "", "is wrong"}, "s.yaml"), "s.yaml:7:3: is wrong");
  EXPECT_EQ(describe({0, 0, "", "is too large"}, "s.yaml"), "s.yaml: is too large");
}

}  // namespace
}  // namespace spillway::config::testing
