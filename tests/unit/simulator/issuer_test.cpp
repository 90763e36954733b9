#include "simulator/issuer.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace spillway::simulator {
namespace {

using std::chrono::seconds;

const Issuer::WallTime kNow{seconds(1'795'430'400)};
const std::vector<std::string> kAudiences{"https://cognitiveservices.azure.com"};

TEST(Issuer, AcceptsWhatItIssuedWhileItIsValid) {
  Issuer issuer;
  issuer.set_authority("http://127.0.0.1:1");
  TokenRequest wanted;
  wanted.lifetime = seconds(60);
  const auto token = issuer.issue(wanted, kNow);
  EXPECT_EQ(std::count(token.begin(), token.end(), '.'), 2);
  EXPECT_TRUE(issuer.accepts(token, kAudiences, kNow));
  EXPECT_TRUE(issuer.accepts(token, kAudiences, kNow + seconds(59)));
  EXPECT_FALSE(issuer.accepts(token, kAudiences, kNow + seconds(60)));
  EXPECT_FALSE(issuer.accepts(token + "x", kAudiences, kNow));
  EXPECT_FALSE(issuer.accepts(token, {"https://graph.microsoft.com"}, kNow));
}

TEST(Issuer, RevokesAndIssuesAgain) {
  Issuer issuer;
  const auto token = issuer.issue({}, kNow);
  issuer.revoke_all();
  EXPECT_FALSE(issuer.accepts(token, kAudiences, kNow));
  const auto next = issuer.issue({}, kNow);
  EXPECT_NE(next, token);
  EXPECT_TRUE(issuer.accepts(next, kAudiences, kNow));
}

TEST(Issuer, PublishesEveryKeyItSignedWith) {
  Issuer issuer;
  issuer.issue({}, kNow);
  issuer.rotate_key();
  const auto keys = nlohmann::json::parse(issuer.key_set("tenant"))["keys"];
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_NE(keys[0]["kid"], keys[1]["kid"]);
  EXPECT_EQ(keys[0]["e"], "AQAB");
}

}  // namespace
}  // namespace spillway::simulator
