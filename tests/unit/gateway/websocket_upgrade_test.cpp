#include <spillway/gateway/websocket_upgrade.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::gateway {
namespace {

http::RequestHead upgrade_of(std::string target, std::string_view protocols) {
  http::RequestHead head;
  head.method = "GET";
  head.target = std::move(target);
  head.fields.add("Upgrade", "websocket");
  head.fields.add("Connection", "Upgrade");
  head.fields.add("Sec-WebSocket-Version", "13");
  head.fields.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  if (!protocols.empty()) head.fields.add("Sec-WebSocket-Protocol", protocols);
  return head;
}

std::vector<std::string> keys_of(const http::RequestHead& head) {
  std::vector<std::string> keys;
  for (const base::Secret& key : presented_outside_headers(head))
    keys.emplace_back(key.reveal());
  return keys;
}

bool is_decided(std::string_view target) {
  return is_deployment_decided_by_url(aoai::parse_api_path("GET", target).value());
}

TEST(WebSocketUpgrade, KeysAreFoundInQueryAndSubProtocols) {
  using Keys = std::vector<std::string>;
  EXPECT_EQ(keys_of(upgrade_of("/openai/v1/realtime?model=m", "realtime")), Keys());
  EXPECT_EQ(keys_of(upgrade_of("/openai/v1/realtime?model=m&api-key=A",
                               "realtime, openai-insecure-api-key.B")),
            Keys({"A", "B"}));
  EXPECT_EQ(keys_of(upgrade_of("/openai/v1/realtime", "")), Keys());
}

TEST(WebSocketUpgrade, WhatIsOfferedFurtherHoldsNoKey) {
  const auto upgrade =
      read_upgrade(upgrade_of("/openai/v1/realtime", "openai-insecure-api-key.K, realtime, x"));
  EXPECT_EQ(upgrade.key, "dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_EQ(upgrade.protocols, "realtime, x");
}

TEST(WebSocketUpgrade, TheCallerIsToldTheBackendsChoiceElseItsOwnFirst) {
  WebSocketUpgrade upgrade;
  http::ResponseHead silent;
  http::ResponseHead choosing;
  choosing.fields.add("Sec-WebSocket-Protocol", "b");
  EXPECT_EQ(protocol_for_client(upgrade, silent), "");
  upgrade.protocols = "a, b";
  EXPECT_EQ(protocol_for_client(upgrade, silent), "a");
  EXPECT_EQ(protocol_for_client(upgrade, choosing), "b");
}

TEST(WebSocketUpgrade, AnotherVersionIsARefusalThatNamesOurs) {
  auto head = upgrade_of("/openai/v1/realtime", "");
  EXPECT_FALSE(refusal_of_upgrade(head));
  head.fields.replace("Sec-WebSocket-Version", "8");
  const auto refusal = refusal_of_upgrade(head);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 426U);
  EXPECT_EQ(refusal->extra_name, "sec-websocket-version");
  EXPECT_EQ(refusal->extra_value, "13");
}

TEST(WebSocketUpgrade, OnlyTheUrlOfARealtimeSessionDecidesItsDeployment) {
  EXPECT_TRUE(is_decided("/openai/v1/realtime?model=m"));
  EXPECT_TRUE(is_decided("/v1/realtime?model=m"));
  EXPECT_TRUE(is_decided("/openai/realtime?api-version=2025-04-01-preview&deployment=m"));
  EXPECT_FALSE(is_decided("/openai/v1/realtime"));
  EXPECT_FALSE(is_decided("/openai/v1/realtime?call_id=rtc_1"));
  EXPECT_FALSE(is_decided("/openai/v1/responses?model=m"));
  EXPECT_FALSE(is_decided("/openai/v1/live?model=m"));
}

}  // namespace
}  // namespace spillway::gateway
