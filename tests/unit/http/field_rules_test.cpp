#include <spillway/http/field_rules.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::http {
namespace {

TEST(FieldRules, Tokens) {
  EXPECT_TRUE(is_token("api-key"));
  EXPECT_TRUE(is_token("!#$%&'*+-.^_`|~09azAZ"));
  for (const char* bad : {"", "a b", "a:b", "a(b", "\"a\"", "a\x7f", "\xc3\xa4", "a/b", "a,b"}) {
    EXPECT_FALSE(is_token(bad)) << bad;
  }
}

TEST(FieldRules, FieldTextHasNoControlCharacters) {
  EXPECT_TRUE(is_field_text(""));
  EXPECT_TRUE(is_field_text("a\tb \xff"));
  for (int c = 0; c < 0x20; ++c) {
    if (c == '\t') continue;
    EXPECT_FALSE(is_field_text(std::string(1, static_cast<char>(c)))) << c;
  }
  EXPECT_FALSE(is_field_text("\x7f"));
}

TEST(FieldRules, Authorities) {
  for (const char* good : {"localhost", "gateway.example.com", "a_b", "127.0.0.1:8080", "h:1",
                           "h:65535", "[::1]", "[2001:db8::1]:443", "[::ffff:10.0.0.1]"}) {
    EXPECT_TRUE(is_authority(good)) << good;
  }
  for (const char* bad : {"",     ":80",      "h:",     "h:0",    "h:65536", "h:080000", "h:8a",
                          "h:-1", "a b",      "a/b",    "user@h", "h?q",     "a,b",      "a#b",
                          "[::1", "[]",       "[::1]x", "[::1]:", "[zz::1]", "::1",      "h:80:80",
                          "h\\x", "\xc3\xa4", "h%41",   "<h>"}) {
    EXPECT_FALSE(is_authority(bad)) << bad;
  }
}

TEST(FieldRules, OriginForm) {
  for (const char* good :
       {"/", "/openai/v1/chat/completions", "/a?", "/a?b=c&d", "/a%2Fb", "/a?include[]=x&f={y}|z^`",
        "/a:b@c;d=e,f", "//", "/a?b?c/d", "/a?%zz"}) {
    EXPECT_TRUE(is_origin_form(good)) << good;
  }
  for (const char* bad :
       {"",      "*",       "a",         "?",           "http://h/", "/a#b", "/a?b#c",
        "/a\\b", "/a?b\\c", "/\xc3\xa4", "/a?\xc3\xa4", "/%",        "/%2",  "/%zz",
        "/a b",  "/a\"b",   "/<a>",      "/a{b}",       "/a|b",      "/[a]", "/a\x7f"}) {
    EXPECT_FALSE(is_origin_form(bad)) << bad;
  }
}

TEST(FieldRules, ListMembersAreTrimmedAndEmptyOnesSeen) {
  std::vector<std::string> members;
  for_each_member(" a ,,b\t", [&](std::string_view member) { members.emplace_back(member); });
  EXPECT_EQ(members, (std::vector<std::string>{"a", "", "b"}));
  members.clear();
  for_each_member("", [&](std::string_view member) { members.emplace_back(member); });
  EXPECT_EQ(members, std::vector<std::string>{""});
}

}  // namespace
}  // namespace spillway::http
