// How a WebSocket is opened: who may, with what, on which backend. Both peers are played by hand.

#include "integration/websocket_world.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace spillway::integration {
namespace {

using Json = nlohmann::json;

class Handshake : public WebSocketWorld {
 protected:
  Handshake() { start(); }
  /// What the caller gets for an upgrade that no backend sees.
  Answer refused(const std::string& request) {
    Connection client = connect();
    client.write_raw(request);
    return client.read("GET");
  }
  /// The first backend's request for an upgrade that it then agrees to.
  std::string accepted(std::string_view target, std::string_view more) {
    Connection client = connect();
    client.write_raw(upgrade_request(target, more));
    Connection peer = east.accept();
    const std::string request = read_head(peer);
    peer.write_raw(switch_answer(request));
    head_to_client = read_head(client);
    client.close();
    peer.read_to_end();  // a backend that went first would be at fault
    return request;
  }

  std::string head_to_client;
};

TEST_F(Handshake, IsMadeAfreshWithTheBackend) {
  const std::string request =
      accepted(kRealtime,
               "api-key: test-key\r\nOrigin: https://app.example\r\nX-Own: kept\r\n"
               "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  EXPECT_TRUE(request.starts_with("GET /openai/v1/realtime?model=rt-east HTTP/1.1\r\n")) << request;
  EXPECT_EQ(field_of(request, "api-key"), "backend-key");
  EXPECT_EQ(field_of(request, "host"), "127.0.0.1:" + std::to_string(east.port()));
  EXPECT_EQ(field_of(request, "upgrade"), "websocket");
  EXPECT_EQ(field_of(request, "connection"), "Upgrade");
  EXPECT_EQ(field_of(request, "sec-websocket-version"), "13");
  EXPECT_EQ(field_of(request, "x-own"), "kept");
  EXPECT_EQ(field_of(request, "sec-websocket-key").size(), 24U);
  EXPECT_NE(field_of(request, "sec-websocket-key"), kClientKey);
  EXPECT_EQ(count(request, "test-key"), 0U) << request;
  EXPECT_EQ(count(request, "xtensions"), 0U) << "frames stay readable: " << request;
  EXPECT_EQ(count(request, "ontent-"), 0U) << request;
}

TEST_F(Handshake, IsAnsweredForTheCallersOwnKey) {
  accepted(kRealtime, kApiKey);
  EXPECT_EQ(field_of(head_to_client, "sec-websocket-accept"), kClientAccept);
  EXPECT_EQ(count(head_to_client, "ec-WebSocket-Accept"), 0U) << "the backend's is not passed on";
  EXPECT_EQ(field_of(head_to_client, "upgrade"), "websocket");
  EXPECT_EQ(field_of(head_to_client, "connection"), "Upgrade");
  EXPECT_EQ(field_of(head_to_client, "x-spillway-backend"), "east");
  EXPECT_EQ(field_of(head_to_client, "x-spillway-attempts"), "1");
  EXPECT_FALSE(field_of(head_to_client, "x-spillway-request-id").empty());
  EXPECT_EQ(count(head_to_client, "ontent-"), 0U) << head_to_client;
}

TEST_F(Handshake, AKeyIsTakenFromAllFourPlaces) {
  for (const char* headers :
       {"api-key: test-key\r\n", "Authorization: Bearer test-key\r\n",
        "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.test-key\r\n"}) {
    EXPECT_EQ(count(accepted(kRealtime, headers), "test-key"), 0U) << headers;
  }
  for (const char* query : {"&api-key=test-key", "&Authorization=Bearer%20test-key",
                            "&Authorization=Bearer+test-key", "&access_token=test-key"}) {
    const std::string request = accepted(std::string(kRealtime) + query, "");
    EXPECT_EQ(count(request, "test-key"), 0U) << query;
    EXPECT_TRUE(request.starts_with("GET /openai/v1/realtime?model=rt-east HTTP")) << request;
  }
  for (const auto& record : gateway->wait_for_records(7))
    EXPECT_EQ(count(telemetry::format_json(record), "test-key"), 0U) << record.target;
}

TEST_F(Handshake, KeysThatDifferAreAmbiguousAndWrongOnesWrong) {
  const std::string realtime = kRealtime;
  const Answer two = refused(upgrade_request(realtime + "&api-key=other", kApiKey));
  EXPECT_EQ(two.status, 401U);
  EXPECT_EQ(two.header("x-spillway-error"), "spillway_ambiguous_credential");
  const Answer wrong = refused(
      upgrade_request(realtime, "Sec-WebSocket-Protocol: openai-insecure-api-key.wrong\r\n"));
  EXPECT_EQ(wrong.header("x-spillway-error"), "spillway_invalid_credential");
  const Answer none = refused(upgrade_request(realtime, ""));
  EXPECT_EQ(none.header("x-spillway-error"), "spillway_missing_credential");
}

TEST_F(Handshake, PlainRequestsPresentKeysInHeadersOnly) {
  const Answer answer =
      refused("GET /openai/v1/models?api-key=test-key HTTP/1.1\r\nHost: g\r\n\r\n");
  EXPECT_EQ(answer.status, 401U);
  EXPECT_EQ(answer.header("x-spillway-error"), "spillway_missing_credential");
}

TEST_F(Handshake, OneOfferedSubProtocolIsEchoedAndNeverAKey) {
  Connection client = connect();
  client.write_raw(
      upgrade_request(kRealtime,
                      "Sec-WebSocket-Protocol: openai-insecure-api-key.test-key, realtime\r\n"
                      "Sec-WebSocket-Protocol: openai-beta.realtime-v1\r\n"));
  Connection peer = east.accept();
  const std::string request = read_head(peer);
  EXPECT_EQ(field_of(request, "sec-websocket-protocol"), "realtime, openai-beta.realtime-v1");
  peer.write_raw(switch_answer(request, "Sec-WebSocket-Protocol: openai-beta.realtime-v1\r\n"));
  EXPECT_EQ(field_of(read_head(client), "sec-websocket-protocol"), "openai-beta.realtime-v1");
}

TEST_F(Handshake, WithABackendThatChoosesNoneTheFirstOfferedIsEchoed) {
  accepted(kRealtime, "Sec-WebSocket-Protocol: openai-insecure-api-key.test-key, realtime\r\n");
  EXPECT_EQ(field_of(head_to_client, "sec-websocket-protocol"), "realtime");
  const std::string request =
      accepted(kRealtime, "Sec-WebSocket-Protocol: openai-insecure-api-key.test-key\r\n");
  EXPECT_EQ(field_of(request, "sec-websocket-protocol"), "");
  EXPECT_EQ(field_of(head_to_client, "sec-websocket-protocol"), "");
}

TEST_F(Handshake, WhatIsNoUpgradeOfRfc6455IsRefusedHere) {
  const std::string good = upgrade_request(kRealtime, kApiKey);
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = good;
    return changed.replace(changed.find(from), from.size(), to);
  };
  const Answer version = refused(with("Version: 13", "Version: 8"));
  EXPECT_EQ(version.status, 426U);
  EXPECT_EQ(version.header("sec-websocket-version"), "13");
  EXPECT_EQ(version.header("upgrade"), "websocket");
  EXPECT_EQ(version.header("x-spillway-error"), "spillway_bad_websocket_handshake");
  for (const std::string& request :
       {with(kClientKey, "short"), with("HTTP/1.1", "HTTP/1.0"), with("GET ", "POST "),
        with("\r\nUpgrade:", "\r\nContent-Length: 2\r\nUpgrade:") + "ab"}) {
    const Answer answer = refused(request);
    EXPECT_EQ(answer.status, 400U) << request;
    EXPECT_EQ(Json::parse(answer.body).at("error").at("code"), "spillway_bad_websocket_handshake");
  }
}

TEST_F(Handshake, AnUpgradeToSomethingElseIsAnOrdinaryRequest) {
  Connection client = connect();
  client.write_raw(
      "GET /openai/v1/models HTTP/1.1\r\nHost: g\r\napi-key: test-key\r\n"
      "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
  Connection peer = east.accept();
  EXPECT_EQ(count(read_head(peer), "pgrade"), 0U);
  peer.write_raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(client.read("GET").body, "ok");
}

TEST_F(Handshake, MovesOnWhenABackendCannot) {
  for (const char* answer :
       {"HTTP/1.1 429 Too Many Requests\r\nretry-after-ms: 1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: bm90IG91cnM=\r\n\r\n",
        "not even HTTP\r\n\r\n"}) {
    start();  // breakers remember
    Connection client = connect();
    client.write_raw(upgrade_request(kRealtime, kApiKey));
    Connection first = east.accept();
    read_head(first);
    first.write_raw(answer);
    first.close();
    Connection second = west.accept();
    const std::string request = read_head(second);
    EXPECT_TRUE(request.starts_with("GET /openai/v1/realtime?model=gpt-realtime HTTP")) << request;
    second.write_raw(switch_answer(request));
    const std::string head = read_head(client);
    EXPECT_EQ(field_of(head, "x-spillway-backend"), "west") << answer << head;
    EXPECT_EQ(field_of(head, "x-spillway-attempts"), "2");
    second.write_raw(server_frame(kTextFrame, "hello"));
    client.read_until("hello");
  }
}

TEST_F(Handshake, WithNobodyLeftTheCallerGetsAnOrdinaryAnswer) {
  Connection client = connect();
  client.write_raw(upgrade_request(kRealtime, kApiKey));
  for (HandServer* backend : {&east, &west}) {
    Connection peer = backend->accept();
    read_head(peer);
    peer.write_raw(
        "HTTP/1.1 429 Too Many Requests\r\nretry-after-ms: 40000\r\nContent-Length: 0\r\n\r\n");
  }
  const Answer answer = client.read("GET");
  EXPECT_EQ(answer.status, 429U);
  EXPECT_EQ(answer.header("x-spillway-error"), "spillway_pool_throttled");
  EXPECT_FALSE(answer.header("retry-after").empty());
}

TEST_F(Handshake, ABackendsRefusalIsRelayedAsAnOrdinaryAnswer) {
  Connection client = connect();
  client.write_raw(upgrade_request(kRealtime, kApiKey));
  Connection peer = east.accept();
  read_head(peer);
  peer.write_raw("HTTP/1.1 400 Bad Request\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
  const Answer answer = client.read("GET");
  EXPECT_EQ(answer.status, 400U);
  EXPECT_EQ(answer.body, "{\"a\":1}");
  EXPECT_EQ(answer.header("x-spillway-backend"), "east");
  EXPECT_EQ(only_record().upgrade, "") << "no tunnel came to be";
}

TEST_F(Handshake, EveryPathMayBeUpgraded) {
  for (const char* target :
       {"/openai/realtime?api-version=2025-04-01-preview&deployment=gpt-realtime",
        "/v1/realtime?model=gpt-realtime", "/openai/v1/realtime?call_id=rtc_1",
        "/openai/v1/responses", "/openai/v1/responses?model=gpt-realtime", "/openai/v1/live"}) {
    EXPECT_FALSE(accepted(target, kApiKey).empty()) << target;
  }
  const Answer unknown = refused(upgrade_request("/metrics", kApiKey));
  EXPECT_EQ(unknown.status, 404U);
}

TEST_F(Handshake, AClientWithAListOfDeploymentsNamesOneInTheUrl) {
  constexpr auto narrow = "api-key: narrow-key\r\n";
  EXPECT_FALSE(accepted(kRealtime, narrow).empty());
  for (const char* target : {"/openai/v1/realtime?model=other", "/openai/v1/realtime?call_id=rtc_1",
                             "/openai/v1/responses", "/openai/v1/responses?model=gpt-realtime",
                             "/openai/v1/live?model=gpt-realtime"}) {
    const Answer answer = refused(upgrade_request(target, narrow));
    EXPECT_EQ(answer.status, 403U) << target;
    EXPECT_EQ(answer.header("x-spillway-error"), "spillway_deployment_not_allowed") << target;
  }
}

}  // namespace
}  // namespace spillway::integration
