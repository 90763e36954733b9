#include "simulator/identity_control.hpp"

#include "simulator/compact_token.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace spillway::simulator {
namespace {

using nlohmann::json;

class IdentityControl : public testing::Test {
 protected:
  json act(const std::string& method, const std::string& action) {
    Request request;
    request.method = method;
    request.target = "/control/identity/" + action;
    const auto path = request.path().substr(std::string("/control/identity/").size());
    return json::parse(act_on_issuer(request, path, issuer_));
  }

  Issuer issuer_;
};

TEST_F(IdentityControl, MintsWhatTheBodyAsksFor) {
  Request request;
  request.body = R"({"claims":{"sub":"me"},"sign_with":"none"})";
  const auto answer = json::parse(mint_by_request(request, issuer_));
  const auto token = parse_compact_token(answer["access_token"].get<std::string>());
  EXPECT_EQ(json::parse(token->payload)["sub"], "me");
  request.body = "[]";
  EXPECT_THROW(mint_by_request(request, issuer_), std::invalid_argument);
}

TEST_F(IdentityControl, TakesTheStepsOfARollover) {
  const auto first = act("GET", "keys");
  EXPECT_EQ(first["keys"].size(), 0U);
  const auto next = act("POST", "keys/publish_next")["kid"];
  EXPECT_EQ(act("POST", "keys/use_next")["kid"], next);
  act("POST", "keys/remove_old");
  act("POST", "keys/filler?count=3");
  const auto added = act("POST", "keys/add?algorithm=ES256")["kid"].get<std::string>();
  EXPECT_EQ(json::parse(issuer_.key_set("t"))["keys"].size(), 5U);
  act("DELETE", "keys/" + added);
  EXPECT_EQ(json::parse(issuer_.key_set("t"))["keys"].size(), 4U);
  EXPECT_NE(act("POST", "keys/replace_all")["kid"], next);
  EXPECT_EQ(act("GET", "keys")["keys"].size(), 4U);
}

TEST_F(IdentityControl, SetsTheClock) {
  act("POST", "clock?seconds=-90");
  EXPECT_EQ(issuer_.clock_skew(), std::chrono::seconds(-90));
  act("POST", "clock?seconds=0");
  EXPECT_EQ(issuer_.clock_skew(), std::chrono::seconds(0));
}

TEST_F(IdentityControl, IssuesAndRevokesWhatEndpointsAccept) {
  const auto token = act("POST", "token?audience=a")["access_token"].get<std::string>();
  EXPECT_TRUE(issuer_.accepts(token, {"a"}, issuer_.now()));
  act("POST", "revoke");
  EXPECT_FALSE(issuer_.accepts(token, {"a"}, issuer_.now()));
  EXPECT_TRUE(act("POST", "rotate")["ok"]);
}

TEST_F(IdentityControl, RefusesWhatItDoesNotKnow) {
  for (const char* action : {"keys/explode", "explode", "clock?seconds=soon", "clock",
                             "keys/add?algorithm=none", "keys/filler?count=10001"}) {
    EXPECT_THROW(act("POST", action), std::invalid_argument) << action;
  }
  EXPECT_THROW(act("GET", "revoke"), std::invalid_argument);
  EXPECT_THROW(act("DELETE", "keys/nobody"), std::invalid_argument);
}

}  // namespace
}  // namespace spillway::simulator
