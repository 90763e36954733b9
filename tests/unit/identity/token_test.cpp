#include "support/wire_sample.hpp"
#include <spillway/identity/token.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const base::SteadyTime kTokenNow = base::SteadyTime(1000s);
const base::WallTime kWallNow = base::WallTime(1'795'430'400s);  // 2026-11-23 10:40:00 UTC
constexpr auto kSampleToken = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.e30.c2FtcGxl";

base::Result<Token> parse_answer(std::string_view body) {
  return parse_token_answer(body, kTokenNow, kWallNow);
}

base::Duration lifetime_of(std::string_view body) {
  const auto token = parse_answer(body);
  EXPECT_TRUE(token.has_value()) << body;
  return token ? token->expires_at - kTokenNow : base::Duration(-1);
}

TEST(Token, SampleAnswers) {
  const std::pair<const char*, std::chrono::seconds> rows[] = {
      {"token/aad-ok.json", 3599s},
      {"token/aad-ok-refresh-in.json", 86399s},
      {"token/aad-v1-ok.json", 3599s},
      {"token/imds-ok.json", 86400s},
      {"token/appservice-ok.json", std::chrono::seconds(1'795'516'800 - 1'795'430'400)},
      {"token/appservice-2017-ok.json", 81600s},  // until 2026-11-24 09:20:00
  };
  for (const auto& [name, lifetime] : rows) {
    const auto token = parse_answer(test::read_wire_sample(name));
    ASSERT_TRUE(token.has_value()) << name << ": " << token.error().detail();
    EXPECT_EQ(token->text.reveal(), kSampleToken) << name;
    EXPECT_EQ(token->obtained_at, kTokenNow);
    EXPECT_EQ(token->expires_at - kTokenNow, lifetime) << name;
  }
}

TEST(Token, RefreshInIsASuggestion) {
  const auto token = parse_answer(test::read_wire_sample("token/aad-ok-refresh-in.json"));
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->refresh_at, kTokenNow + 43199s);
  const auto text = parse_answer(R"({"access_token":"t","expires_in":"100","refresh_in":"40"})");
  EXPECT_EQ(text->refresh_at, kTokenNow + 40s);
  for (const auto* value : {"0", "-5", "100", "1000", "null", "\"x\"", "[]"}) {
    const auto body =
        std::string(R"({"access_token":"t","expires_in":100,"refresh_in":)") + value + "}";
    const auto without = parse_answer(body);
    ASSERT_TRUE(without.has_value()) << body;
    EXPECT_FALSE(without->refresh_at) << body;
  }
}

TEST(Token, LifetimesInEveryDress) {
  EXPECT_EQ(lifetime_of(R"({"access_token":"t","expires_in":60})"), 60s);
  EXPECT_EQ(lifetime_of(R"({"access_token":"t","expires_in":60.5})"), 60500ms);
  EXPECT_EQ(lifetime_of(R"({"access_token":"t","expires_in":" 60 "})"), 60s);
  EXPECT_EQ(lifetime_of(R"({"access_token":"t","expires_on":1795430460})"), 60s);
  EXPECT_EQ(lifetime_of(R"({"access_token":"t","expires_on":"1795430460"})"), 60s);
  EXPECT_EQ(lifetime_of(R"({"access_token":"t","expires_on":"11/23/2026 10:41:00 AM +00:00"})"),
            60s);
  EXPECT_EQ(lifetime_of(R"({"access_token":"t","expires_in":60,"expires_on":1})"), 60s);
  EXPECT_EQ(lifetime_of(R"({"access_token":"t","expires_in":"","expires_on":1795430460})"), 60s);
  EXPECT_EQ(lifetime_of(R"({"access_token":"t","expires_in":0,"expires_on":1795430460})"), 60s);
  EXPECT_EQ(lifetime_of(R"({"access_token":"t","expires_in":1e300})"), 24h * 30);
}

TEST(Token, WhatCannotBeUsedIsAnErrorWithoutTheToken) {
  const std::string huge = R"({"access_token":"t","expires_in":60,"x":")" +
                           std::string(kMaxTokenAnswerBytes, 'x') + "\"}";
  const std::string deep = "{\"x\":" + std::string(60'000, '[') + std::string(5, ']');
  for (const std::string& body : std::initializer_list<std::string>{
           "",
           "null",
           "[]",
           "<html>",
           "{",
           "{}",
           huge,
           deep,
           R"({"access_token":"s3cret"})",
           R"({"access_token":"s3cret","expires_in":0})",
           R"({"access_token":"s3cret","expires_in":-1})",
           R"({"access_token":"s3cret","expires_in":"soon"})",
           R"({"access_token":"s3cret","expires_in":null})",
           R"({"access_token":"s3cret","expires_in":true})",
           R"({"access_token":"s3cret","expires_on":"1"})",
           R"({"access_token":"s3cret","expires_on":"nan"})",
           R"({"access_token":"","expires_in":60})",
           R"({"access_token":7,"expires_in":60})",
           R"({"expires_in":60})",
           R"({"access_token":"s3cret\r\nx: y","expires_in":60})",
           R"({"access_token":"s3cret s3cret","expires_in":60})",
           R"({"access_token":"s3cr\u00e9t","expires_in":60})",
           R"({"access_token":"s3cret","expires_in":60,"token_type":"pop"})"}) {
    const auto token = parse_answer(body);
    ASSERT_TRUE(token.has_error()) << body.substr(0, 100);
    EXPECT_EQ(token.error().fault(), base::Fault::upstream_malformed);
    EXPECT_THAT(token.error().detail(), Not(HasSubstr("s3cr")));
  }
}

TEST(Token, BearerInAnyCase) {
  EXPECT_EQ(lifetime_of(R"({"access_token":"t","expires_in":60,"token_type":"bearer"})"), 60s);
}

}  // namespace
}  // namespace spillway::identity
