#include <spillway/identity/glob.hpp>

#include <gtest/gtest.h>

#include <string>

namespace spillway::identity {
namespace {

TEST(Glob, Matches) {
  const std::pair<const char*, const char*> rows[] = {
      {"", ""},
      {"*", ""},
      {"*", "gpt-4o"},
      {"**", "x"},
      {"gpt-4o", "gpt-4o"},
      {"gpt-*", "gpt-4o"},
      {"gpt-*", "gpt-"},
      {"*-4o", "gpt-4o"},
      {"g?t-4o", "gpt-4o"},
      {"*4*", "gpt-4o"},
      {"a*b*c", "axxbyyc"},
      {"a*b*c", "abbcbc"},
      {"*a", "aaa"},
      {"a.b", "a.b"},
      {"[x]", "[x]"},
  };
  for (const auto& [pattern, text] : rows)
    EXPECT_TRUE(matches_glob(pattern, text)) << pattern << " ~ " << text;
}

TEST(Glob, DoesNotMatch) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "x"},
      {"x", ""},
      {"?", ""},
      {"gpt-4o", "gpt-4o-mini"},
      {"gpt-4o", "GPT-4O"},
      {"gpt-*", "xgpt-4"},
      {"*-4o", "gpt-4o-mini"},
      {"a?c", "ac"},
      {"a*b*c", "axxbyy"},
      {"a.b", "axb"},
      {"[x]", "x"},
  };
  for (const auto& [pattern, text] : rows)
    EXPECT_FALSE(matches_glob(pattern, text)) << pattern << " ~ " << text;
}

TEST(Glob, ManyStarsDoNotExplode) {
  std::string pattern;
  for (int i = 0; i < 100; ++i)
    pattern += "a*";
  EXPECT_FALSE(matches_glob(pattern + "b", std::string(2000, 'a')));
}

}  // namespace
}  // namespace spillway::identity
