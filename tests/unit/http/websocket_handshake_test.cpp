#include <spillway/http/websocket_handshake.hpp>

#include <gtest/gtest.h>

#include <initializer_list>

namespace spillway::http {
namespace {

// The example of RFC 6455 §1.3.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

RequestHead upgrade() {
  RequestHead head;
  head.method = "GET";
  head.fields.add("Host", "gateway");
  head.fields.add("Upgrade", "websocket");
  head.fields.add("Connection", "keep-alive, Upgrade");
  head.fields.add("Sec-WebSocket-Version", "13");
  head.fields.add("Sec-WebSocket-Key", kKey);
  return head;
}

unsigned status_of(const RequestHead& head) {
  const auto verdict = check_websocket_request(head);
  return verdict ? 101 : verdict.error().status();
}

RequestHead upgrade_with(std::string_view name, std::string_view value) {
  RequestHead head = upgrade();
  head.fields.replace(name, value);
  return head;
}

ResponseHead answer(std::initializer_list<base::Field> fields) {
  ResponseHead head;
  head.status = 101;
  for (const auto& field : fields)
    head.fields.add(field.name, field.value);
  return head;
}

bool is_accepted(std::initializer_list<base::Field> fields) {
  return check_websocket_answer(answer(fields), {kKey, "realtime, other"}).has_value();
}

TEST(WebSocketHandshake, TheAcceptValueIsThatOfTheRfc) {
  EXPECT_EQ(websocket_accept(kKey), kAccept);
}

TEST(WebSocketHandshake, AKeyOfOursIsAcceptable) {
  const std::string key = make_websocket_key(1, 2);
  EXPECT_EQ(status_of(upgrade_with("Sec-WebSocket-Key", key)), 101U);
  EXPECT_NE(key, make_websocket_key(1, 3));
  EXPECT_NE(key, make_websocket_key(2, 2));
}

TEST(WebSocketHandshake, AskingForOneIsUpgradeAndConnectionTogether) {
  EXPECT_TRUE(asks_for_websocket(upgrade()));
  EXPECT_TRUE(asks_for_websocket(upgrade_with("Upgrade", "h2c, WebSocket")));
  EXPECT_FALSE(asks_for_websocket(upgrade_with("Upgrade", "h2c")));
  EXPECT_FALSE(asks_for_websocket(upgrade_with("Connection", "keep-alive")));
  EXPECT_FALSE(asks_for_websocket(RequestHead()));
}

TEST(WebSocketHandshake, AnUpgradeAsBrowsersSendItIsAccepted) {
  EXPECT_EQ(status_of(upgrade()), 101U);
  EXPECT_EQ(
      status_of(upgrade_with("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.k")),
      101U);
  EXPECT_EQ(status_of(upgrade_with("Sec-WebSocket-Extensions", "permessage-deflate")), 101U);
}

TEST(WebSocketHandshake, AnotherVersionIsToldWhichOneIsSpoken) {
  EXPECT_EQ(status_of(upgrade_with("Sec-WebSocket-Version", "8")), 426U);
  EXPECT_EQ(status_of(upgrade_with("Sec-WebSocket-Version", "13, 8")), 426U);
  EXPECT_EQ(status_of(upgrade_with("Sec-WebSocket-Version", "")), 426U);
}

TEST(WebSocketHandshake, WhatIsNoUpgradeOfRfc6455IsRefused) {
  RequestHead post = upgrade();
  post.method = "POST";
  EXPECT_EQ(status_of(post), 400U);
  RequestHead old = upgrade();
  old.version = Version::http_1_0;
  EXPECT_EQ(status_of(old), 400U);
  for (const Framing framing : {Framing::length, Framing::chunked}) {
    RequestHead body = upgrade();
    body.body.kind = framing;
    EXPECT_EQ(status_of(body), 400U);
  }
  for (const char* key : {"", "short==", "dGhlIHNhbXBsZSBub25jZQ=A", "dGhlIHNhbXBsZSBub25jZ!==",
                          "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="}) {
    EXPECT_EQ(status_of(upgrade_with("Sec-WebSocket-Key", key)), 400U) << key;
  }
  RequestHead twice = upgrade();
  twice.fields.add("sec-websocket-key", kKey);
  EXPECT_EQ(status_of(twice), 400U);
  for (const char* protocols : {"a b", "realtime, realtime", "a/b"}) {
    EXPECT_EQ(status_of(upgrade_with("Sec-WebSocket-Protocol", protocols)), 400U) << protocols;
  }
}

TEST(WebSocketHandshake, AnAnswerToTheOfferIsAccepted) {
  EXPECT_TRUE(is_accepted(
      {{"upgrade", "WebSocket"}, {"connection", "Upgrade"}, {"sec-websocket-accept", kAccept}}));
  EXPECT_TRUE(is_accepted({{"upgrade", "websocket"},
                           {"connection", "keep-alive, upgrade"},
                           {"sec-websocket-accept", kAccept},
                           {"sec-websocket-protocol", "realtime"}}));
}

TEST(WebSocketHandshake, AnAnswerToSomethingElseIsNot) {
  const base::Field upgrade{"upgrade", "websocket"};
  const base::Field connection{"connection", "upgrade"};
  const base::Field accept{"sec-websocket-accept", kAccept};
  EXPECT_FALSE(is_accepted({connection, accept}));
  EXPECT_FALSE(is_accepted({upgrade, accept}));
  EXPECT_FALSE(is_accepted({upgrade, connection}));
  EXPECT_FALSE(is_accepted({{"upgrade", "h2c"}, connection, accept}));
  EXPECT_FALSE(is_accepted({upgrade, connection, {"sec-websocket-accept", "bm90IGl0"}}));
  EXPECT_FALSE(is_accepted({upgrade, connection, accept, accept}));
  EXPECT_FALSE(is_accepted(
      {upgrade, connection, accept, {"sec-websocket-extensions", "permessage-deflate"}}));
  EXPECT_FALSE(is_accepted({upgrade, connection, accept, {"sec-websocket-protocol", "mine"}}));
  EXPECT_FALSE(
      is_accepted({upgrade, connection, accept, {"sec-websocket-protocol", "realtime, other"}}));
  ResponseHead ok = answer({upgrade, connection, accept});
  ok.status = 200;
  EXPECT_FALSE(check_websocket_answer(ok, {kKey, ""}));
  ok.status = 101;
  ok.version = Version::http_1_0;
  EXPECT_FALSE(check_websocket_answer(ok, {kKey, ""}));
}

}  // namespace
}  // namespace spillway::http
