#pragma once
// What the tests of config share: sources without a system behind them, and expectations on
// problems.

#include <spillway/config/load.hpp>

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace spillway::config::testing {

using Texts = std::map<std::string, std::string>;

inline Sources sources_of(Texts environment, Texts files = {}) {
  const auto look_up = [](Texts texts) {
    return [texts = std::move(texts)](const std::string& key) -> std::optional<std::string> {
      const auto found = texts.find(key);
      if (found == texts.end()) return std::nullopt;
      return found->second;
    };
  };
  return {look_up(std::move(environment)), look_up(std::move(files))};
}

struct Expected {
  int line;
  int column;
  std::string path;
  std::string fragment;  // of the message
};

inline std::string all_of(const Loaded& loaded) {
  std::string out;
  for (const Problem& problem : loaded.problems)
    out += describe(problem, "f.yaml") + "\n";
  return out;
}

/// Exactly these problems, in this order.
inline void expect_problems(const Loaded& loaded, const std::vector<Expected>& expected) {
  SCOPED_TRACE(all_of(loaded));
  ASSERT_EQ(loaded.problems.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Problem& problem = loaded.problems[i];
    EXPECT_EQ(problem.line, expected[i].line) << i;
    EXPECT_EQ(problem.column, expected[i].column) << i;
    EXPECT_EQ(problem.path, expected[i].path) << i;
    EXPECT_NE(problem.message.find(expected[i].fragment), std::string::npos)
        << i << ": expected: " << expected[i].fragment;
  }
}

/// Three lines that make a whole configuration of what follows them in line 4 and on.
inline constexpr std::string_view kPrelude =
    "listeners: [ { address: 127.0.0.1:8080 } ]\n"
    "backends: [ { name: a, url: https://a.example }, { name: b, url: https://b.example } ]\n"
    "clients: [ { name: app, keys: [ k1 ] } ]\n";

inline Loaded load_after_prelude(std::string_view rest, const Sources& sources = {}) {
  return load(std::string(kPrelude) + std::string(rest), sources);
}

inline Configuration configuration_of(const Loaded& loaded) {
  EXPECT_EQ(all_of(loaded), "");
  return loaded.configuration;
}

/// One rule broken: the text after the prelude, and the one problem it must give.
struct BrokenRule {
  std::string_view rest;
  Expected expected;
};

inline void expect_broken(const std::vector<BrokenRule>& rules, const Sources& sources = {}) {
  for (const BrokenRule& rule : rules) {
    SCOPED_TRACE(rule.rest);
    expect_problems(load_after_prelude(rule.rest, sources), {rule.expected});
  }
}

}  // namespace spillway::config::testing
