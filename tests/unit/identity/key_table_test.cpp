#include <spillway/base/text.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/identity/key_table.hpp>

#include <gtest/gtest.h>

namespace spillway::identity {
namespace {

std::string digest_text(std::string_view key) {
  const TextDigest digest = digest_of(key);
  return {digest.begin(), digest.end()};
}

TEST(KeyTable, TheDigestIsSha256) {
  EXPECT_EQ(base::to_hex(digest_text("test")),
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
}

TEST(KeyTable, FindsWhoseAKeyIs) {
  config::Client one;
  config::Client two;
  KeyTable keys;
  EXPECT_TRUE(keys.empty());
  EXPECT_EQ(keys.find(digest_of("k")), nullptr);
  keys.add(digest_text("old"), one);
  keys.add(digest_text("new"), one);
  keys.add(digest_text("other"), two);
  EXPECT_EQ(keys.find(digest_of("old")), &one);
  EXPECT_EQ(keys.find(digest_of("new")), &one);
  EXPECT_EQ(keys.find(digest_of("other")), &two);
  EXPECT_EQ(keys.find(digest_of("Other")), nullptr);
  EXPECT_EQ(keys.find(digest_of("")), nullptr);
}

TEST(KeyTable, AnEqualBeginningOfADigestIsNotEnough) {
  config::Client client;
  KeyTable keys;
  std::string nearly = digest_text("k");
  nearly.back() = static_cast<char>(nearly.back() ^ 1);
  keys.add(nearly, client);
  EXPECT_EQ(keys.find(digest_of("k")), nullptr);
}

TEST(KeyTable, WhatIsNoDigestIsNobodys) {
  config::Client client;
  KeyTable keys;
  keys.add("k", client);
  EXPECT_TRUE(keys.empty());
}

}  // namespace
}  // namespace spillway::identity
