#include <spillway/base/name_set.hpp>

#include <gtest/gtest.h>

#include <string>

namespace spillway::base {
namespace {

constexpr auto kNames = make_name_set("te", "host", "via", "content-length");

TEST(NameSet, FindsEveryNameWithoutCase) {
  for (const char* name : {"te", "host", "via", "content-length", "TE", "Host", "Content-LENGTH"})
    EXPECT_TRUE(kNames.contains(name)) << name;
}

TEST(NameSet, OthersOfTheSameOrAnotherLengthAreNotIn) {
  for (const char* name :
       {"", "t", "ta", "hos", "hosts", "vib", "content-lengtH-", "content_length"})
    EXPECT_FALSE(kNames.contains(name)) << name;
  EXPECT_FALSE(kNames.contains(std::string(64 + 2, 't')));
  EXPECT_FALSE(kNames.contains(std::string(70000, 't')));
}

}  // namespace
}  // namespace spillway::base
