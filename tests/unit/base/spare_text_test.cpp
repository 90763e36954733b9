#include <spillway/base/spare_text.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace spillway::base {
namespace {

TEST(SpareText, IsEmptyAndHasRoom) {
  std::string text = take_spare_text();
  EXPECT_TRUE(text.empty());
  EXPECT_GE(text.capacity(), 4096U);
  text = "what was in it is not there again";
  const char* const memory = text.data();
  text.reserve(6000);
  const char* const larger = text.data();
  give_back(std::move(text));
  const std::string next = take_spare_text();
  EXPECT_TRUE(next.empty());
  EXPECT_TRUE(next.data() == memory || next.data() == larger);
}

TEST(SpareText, WhatIsTooSmallOrTooLargeIsNotKept) {
  std::string kept = take_spare_text();
  const char* const memory = kept.data();
  give_back(std::move(kept));
  give_back(std::string());
  give_back(std::string("short"));
  give_back(std::string(100000, 'x'));
  EXPECT_EQ(take_spare_text().data(), memory);
}

TEST(SpareText, OnlySoManyAreKept) {
  std::vector<std::string> many;
  for (int i = 0; i < 100; ++i)
    many.push_back(take_spare_text());
  for (std::string& text : many)
    give_back(std::move(text));
  EXPECT_GE(take_spare_text().capacity(), 4096U);
}

}  // namespace
}  // namespace spillway::base
