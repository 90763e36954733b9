// What passes through an open WebSocket and how it ends. Both peers are played by hand.

#include "integration/websocket_world.hpp"
#include "support/certificates.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <thread>

namespace spillway::integration {
namespace {

using Json = nlohmann::json;
using telemetry::Ending;

class Tunnelled : public WebSocketWorld {
 protected:
  Json status_of_east() {
    const Json status = Json::parse(get(gateway->admin_port(), "/status").body);
    return status["pools"][0]["members"][0];
  }
  /// Everything up to the end of the connection, which must be behind exactly `expected`.
  static void expect_rest(Connection& connection, const std::string& expected) {
    EXPECT_EQ(connection.read_to_end(), expected);
  }
  void expect_only(Ending ending) {
    const auto record = only_record();
    EXPECT_EQ(telemetry::name_of(record.ending), telemetry::name_of(ending)) << record.error;
  }
};

TEST_F(Tunnelled, BytesPassBothWaysAsTheyCome) {
  start();
  Connection client = connect();
  Connection peer = open(client);
  const std::string question = client_frame(kTextFrame, "{\"type\":\"response.create\"}");
  const std::string answer = server_frame(kTextFrame, "{\"type\":\"response.done\"}");
  client.write_raw(question);
  EXPECT_EQ(peer.read_until(question), question) << "its mask is kept";
  peer.write_raw(answer.substr(0, 1));
  client.read_until(answer.substr(0, 1));
  peer.write_raw(answer.substr(1));
  EXPECT_EQ(client.read_until(answer), answer);
  client.write_raw(client_frame(kPingFrame, "tick"));
  peer.read_until(client_frame(kPingFrame, "tick"));
  peer.write_raw(server_frame(kPongFrame, "tick"));
  client.read_until(server_frame(kPongFrame, "tick"));
}

TEST_F(Tunnelled, BytesBehindTheHeadsBelongToIt) {
  start();
  Connection client = connect();
  const std::string early = client_frame(kTextFrame, "too early");
  client.write_raw(upgrade_request(kRealtime, kApiKey) + early);
  Connection peer = east.accept();
  const std::string request = read_head(peer);
  client.write_raw(client_frame(kTextFrame, "a little later"));
  peer.write_raw(switch_answer(request) + server_frame(kTextFrame, "at once"));
  peer.read_until(early + client_frame(kTextFrame, "a little later"));
  client.read_until(server_frame(kTextFrame, "at once"));
  peer.write_raw(server_close(1000));
  peer.end_sending();
  client.end_sending();
  const auto record = only_record();
  EXPECT_EQ(record.messages_in, 2U);
  EXPECT_EQ(record.messages_out, 1U);
}

TEST_F(Tunnelled, TheRecordSaysWhatPassed) {
  start();
  Connection client = connect();
  Connection peer = open(client);
  const std::string in = client_frame(kTextFrame, "abc") + client_close(1000);
  const std::string out = server_frame(kTextFrame, "de") + server_frame(0x82, "f");
  client.write_raw(in);
  peer.read_until(in);
  peer.write_raw(out + server_close(1000));
  client.read_until(out + server_close(1000));
  peer.close();
  client.end_sending();
  const auto record = only_record();
  EXPECT_EQ(record.status, 101U);
  EXPECT_EQ(record.upgrade, "websocket");
  EXPECT_EQ(record.backend, "east");
  EXPECT_EQ(record.deployment, "gpt-realtime");
  EXPECT_EQ(record.messages_in, 1U);
  EXPECT_EQ(record.messages_out, 2U);
  EXPECT_EQ(record.request_bytes, in.size());
  EXPECT_EQ(record.response_bytes, out.size() + server_close(1000).size());
  EXPECT_EQ(record.attempts.size(), 1U);
}

TEST_F(Tunnelled, WhatItsResponsesCostAddsUp) {
  start();
  Connection client = connect();
  Connection peer = open(client);
  for (const char* tokens : {"7", "5"}) {
    const std::string count = tokens;
    peer.write_raw(server_frame(
        kTextFrame, "{\"type\":\"response.done\",\"response\":{\"usage\":{\"total_tokens\":" +
                        count + ",\"input_tokens\":" + count + ",\"output_tokens\":0}}}"));
  }
  peer.write_raw(server_frame(kTextFrame, "{\"type\":\"response.created\",\"usage\":null}"));
  client.read_until("response.created");
  client.close();
  const telemetry::TokenCounts tokens = only_record().attempts.at(0).tokens;
  EXPECT_TRUE(tokens.is_known);
  EXPECT_EQ(tokens.total, 12U);
}

TEST_F(Tunnelled, LargeMessagesPassWholeBothWaysAtOnce) {
  start();
  Connection client = connect();
  Connection peer = open(client);
  std::string payload;
  payload.reserve(16U << 20U);
  for (unsigned state = 1; payload.size() < (16U << 20U); state = state * 1'664'525 + 1'013'904'223)
    payload += static_cast<char>(state >> 24U);
  const std::string down = server_frame(kTextFrame, payload);
  const std::string up = client_frame(kTextFrame, payload);
  // Nobody reads before both are stuck or through: what does not fit anywhere waits.
  std::thread down_writer([&] { peer.write_raw(down); });
  std::thread up_writer([&] { client.write_raw(up); });
  std::string up_received;
  std::thread up_reader([&] { up_received = peer.read_bytes(up.size()); });
  const std::string down_received = client.read_bytes(down.size());
  for (std::thread* thread : {&down_writer, &up_writer, &up_reader})
    thread->join();
  EXPECT_TRUE(down_received == down);
  EXPECT_TRUE(up_received == up);
}

TEST_F(Tunnelled, ACloseIsPassedOnAsItIs) {
  start();
  Connection client = connect();
  Connection peer = open(client);
  peer.write_raw(server_close(4000, "enough"));
  client.read_until(server_close(4000, "enough"));
  client.write_raw(client_close(4000, "enough"));
  peer.read_until(client_close(4000, "enough"));
  peer.close();
  expect_rest(client, server_close(4000, "enough"));
  client.close();
  expect_only(Ending::complete);
  EXPECT_EQ(status_of_east()["deployments"][0]["state"], "closed");
}

TEST_F(Tunnelled, TheCallersCloseIsPassedOnAsItIs) {
  start();
  Connection client = connect();
  Connection peer = open(client);
  client.write_raw(client_close(1000));
  peer.read_until(client_close(1000));
  peer.write_raw(server_close(1000));
  peer.end_sending();
  expect_rest(client, server_close(1000));
  client.close();
  expect_rest(peer, client_close(1000));
  expect_only(Ending::complete);
}

TEST_F(Tunnelled, WhoHasSaidGoodbyeNeedNotWaitForAnAnswer) {
  start();
  Connection client = connect();
  Connection peer = open(client);
  peer.write_raw(server_frame(kTextFrame, "last words") + server_close(1011));
  peer.close();
  expect_rest(client, server_frame(kTextFrame, "last words") + server_close(1011));
  client.close();
  expect_only(Ending::complete);
}

TEST_F(Tunnelled, ABackendThatBreaksOffBreaksOffTheCallerAndIsToldToTheBreaker) {
  Changes changes;
  changes.pool = "    circuit_breaker: { faults: { failure_condition: { count: 1 } } }\n";
  start(changes);
  for (const auto how : {Connection::How::orderly, Connection::How::reset}) {
    Connection client = connect();
    Connection peer = how == Connection::How::orderly ? open(client, east) : open(client, west);
    peer.write_raw(server_frame(kTextFrame, "half a ses"));
    client.read_until("half a ses");
    peer.close(how);
    expect_rest(client, server_frame(kTextFrame, "half a ses"));
  }
  const auto records = gateway->wait_for_records(2);
  EXPECT_EQ(records[0].ending, Ending::upstream_cut);
  EXPECT_EQ(records[1].ending, Ending::upstream_cut);
  EXPECT_EQ(records[1].backend, "west") << "the first one's breaker was open";
  EXPECT_EQ(status_of_east()["deployments"][0]["state"], "open");
}

TEST_F(Tunnelled, ACallerThatLeavesLetsTheBackendGoAndBlamesNobody) {
  start();
  for (const auto how : {Connection::How::orderly, Connection::How::reset}) {
    Connection client = connect();
    Connection peer = open(client);
    client.close(how);
    expect_rest(peer, "");
  }
  for (const auto& record : gateway->wait_for_records(2))
    EXPECT_EQ(record.ending, Ending::client_gone);
  EXPECT_EQ(status_of_east()["deployments"][0]["state"], "closed");
}

TEST_F(Tunnelled, ItCountsAsInFlightAsLongAsItRuns) {
  start();
  Connection client = connect();
  Connection peer = open(client);
  EXPECT_EQ(status_of_east()["in_flight"], 1);
  client.close();
  only_record();
  EXPECT_TRUE(eventually([&] { return status_of_east()["in_flight"] == 0; }));
}

TEST_F(Tunnelled, SilenceBothWaysEndsItWithACloseFrame) {
  Changes changes;
  changes.pool = "    timeouts: { idle: 50ms }\n";
  start(changes);
  Connection client = connect();
  Connection peer = open(client);
  const std::string close = client.read_until("ends this connection");
  EXPECT_EQ(close.substr(2, 2), "\x03\xe9") << "1001, going away";
  client.write_raw(client_close(1001));
  expect_rest(client, close);
  expect_rest(peer, "");
  expect_only(Ending::timed_out);
  EXPECT_EQ(status_of_east()["deployments"][0]["state"], "closed") << "silence is no fault";
}

TEST_F(Tunnelled, SilenceInsideAMessageBreaksItOff) {
  Changes changes;
  changes.pool = "    timeouts: { idle: 50ms }\n";
  start(changes);
  Connection client = connect();
  Connection peer = open(client);
  const std::string half = server_frame(kTextFrame, "a message that never ends").substr(0, 9);
  peer.write_raw(half);
  expect_rest(client, half);
  expect_rest(peer, "");
  expect_only(Ending::timed_out);
}

TEST_F(Tunnelled, TheTimeOfAWholeRequestIsNotForIt) {
  Changes changes;
  changes.pool = "    timeouts: { total: 50ms, connect: 40ms, first_byte: 45ms }\n";
  start(changes);
  Connection client = connect();
  Connection peer = open(client);
  // Another request whose total time ends later than that of the tunnel's.
  const Answer late = send(gateway->port(), chat("gpt-4o"));
  EXPECT_EQ(late.status, 504U) << late.body;
  peer.write_raw(server_frame(kTextFrame, "still here"));
  client.read_until("still here");
}

TEST_F(Tunnelled, ADrainSaysGoodbyeBetweenTwoMessages) {
  start();
  Connection client = connect();
  Connection peer = open(client);
  const std::string message = server_frame(kTextFrame, "whole");
  peer.write_raw(message.substr(0, 3));
  client.read_until(message.substr(0, 3));
  gateway->request_stop();
  gateway->wait_for_event("draining");
  peer.write_raw(message.substr(3));
  const std::string received = client.read_until("ends this connection");
  EXPECT_TRUE(received.starts_with(message)) << "not into the middle of a message";
  EXPECT_EQ(received.substr(message.size() + 2, 2), "\x03\xe9");
  client.write_raw(client_close(1001));
  expect_rest(client, received);
  expect_rest(peer, "");
  client.close();
  gateway->join();
  expect_only(Ending::shutting_down);
}

TEST_F(Tunnelled, TheEndOfTheDrainCutsWhatNeverEndsItsMessage) {
  Changes changes;
  changes.drain_timeout = "50ms";
  start(changes);
  Connection client = connect();
  Connection peer = open(client);
  const std::string half = server_frame(kTextFrame, "endless").substr(0, 4);
  peer.write_raw(half);
  client.read_until(half);
  gateway->request_stop();
  expect_rest(client, half);
  expect_rest(peer, "");
  gateway->join();
  expect_only(Ending::shutting_down);
}

TEST_F(Tunnelled, WhatAreNoFramesPassesAllTheSame) {
  start();
  Connection client = connect();
  Connection peer = open(client);
  client.write_raw("these are no frames");
  peer.read_until("these are no frames");
  peer.write_raw("nor are these");
  client.read_until("nor are these");
  peer.close();
  client.close();
  const auto record = only_record();
  EXPECT_EQ(record.messages_in + record.messages_out, 0U);
  EXPECT_EQ(record.response_bytes, 13U);
}

TEST_F(Tunnelled, TlsOnBothSides) {
  const test::Certificates front;
  const test::Certificates back;
  Changes changes;
  changes.listener =
      "{ address: 127.0.0.1:0, tls: { certificate_file: " + front.certificate_file() +
      ", private_key_file: " + front.private_key_file() + " } }";
  changes.backend = ", tls: { ca_file: " + back.ca_file() + " }";
  changes.scheme = "https";
  start(changes);
  Connection client(gateway->port(), Tls{front.ca_file(), "localhost", "", ""});
  client.write_raw(upgrade_request(kRealtime, kApiKey));
  Connection peer = east.accept_tls(back.certificate_file(), back.private_key_file());
  peer.write_raw(switch_answer(read_head(peer)) + server_frame(kTextFrame, "at once"));
  EXPECT_TRUE(read_head(client).starts_with("HTTP/1.1 101 "));
  client.read_until("at once");
  const std::string large = client_frame(kTextFrame, std::string(3U << 20U, 'x'));
  std::thread writer([&] { client.write_raw(large); });
  EXPECT_TRUE(peer.read_bytes(large.size()) == large);
  writer.join();
  peer.write_raw(server_close(1000));
  client.read_until(server_close(1000));
  client.write_raw(client_close(1000));
  peer.read_until(client_close(1000));
  peer.close();
  client.read_to_end();
  client.close();
  expect_only(Ending::complete);
}

}  // namespace
}  // namespace spillway::integration
