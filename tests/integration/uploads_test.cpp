// Bodies that are streamed through because they are larger than the replay buffer: whose fault it
// is when one stops half way, and what an early answer means. The backend is played by the test.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include <spillway/http/message_writer.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace spillway::integration {
namespace {

constexpr std::size_t kWholeBytes = 1'000'000;
const std::string kFirstPart = std::string(19'999, 'x') + "|";

class Uploads : public ::testing::Test {
 protected:
  std::string yaml(const std::string& limits) {
    return hand_yaml(backend.url(),
                     "admin: { address: 127.0.0.1:0 }\n"
                     "limits: { replay_buffer: 1KiB" +
                         limits +
                         " }\n"
                         "server: { threads: 1, drain_timeout: 5s }\n");
  }
  void start(const std::string& limits = "") {
    gateway = std::make_unique<RunningGateway>(yaml(limits));
  }
  /// The head and the first part of a body of kWholeBytes.
  static void begin_upload(Connection& client) {
    client.write_raw(
        "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n"
        "Host: gateway\r\napi-key: test-key\r\nContent-Length: " +
        std::to_string(kWholeBytes) + "\r\n\r\n" + kFirstPart);
  }
  /// The backend's end, once the first part is there.
  Connection receive_first_part() {
    Connection peer = backend.accept();
    peer.read_until("|");
    return peer;
  }
  void expect_served_by_the_backend() {
    Connection client(gateway->port());
    client.write(chat("gpt-4o"));
    Connection peer = backend.accept();
    peer.read_until(chat_body("gpt-4o"));
    peer.write_raw("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_EQ(client.read().body, "ok");
  }

  HandServer backend;
  std::unique_ptr<RunningGateway> gateway;
};

TEST_F(Uploads, TheFirstPartIsWithTheBackendBeforeTheLastIsSent) {
  start();
  Connection client(gateway->port());
  begin_upload(client);
  Connection peer = receive_first_part();
  client.write_raw(std::string(kWholeBytes - kFirstPart.size() - 1, 'y'));
  client.write_raw("!");
  peer.read_until("!");
  peer.write_raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(client.read().body, "ok");
  const auto record = gateway->wait_for_records(1).front();
  EXPECT_EQ(record.request_bytes, kWholeBytes);
}

TEST_F(Uploads, AClientThatStopsSendingIsNotTheBackendsFault) {
  start(", body_timeout: 50ms");
  for (int i = 0; i < 6; ++i) {  // one more than opens a breaker
    Connection client(gateway->port());
    begin_upload(client);
    Connection peer = receive_first_part();
    EXPECT_EQ(client.read_to_end().find(" 200 "), std::string::npos);
    peer.read_to_end();
  }
  expect_served_by_the_backend();
}

TEST_F(Uploads, AClientThatLeavesHalfWayIsNotTheBackendsFault) {
  start();
  for (int i = 0; i < 6; ++i) {
    Connection client(gateway->port());
    begin_upload(client);
    Connection peer = receive_first_part();
    client.close(i % 2 == 0 ? Connection::How::orderly : Connection::How::reset);
    EXPECT_LT(peer.read_to_end().size(), kWholeBytes);
  }
  for (const auto& record : gateway->wait_for_records(6))
    EXPECT_EQ(record.ending, telemetry::Ending::client_gone);
  expect_served_by_the_backend();
}

TEST_F(Uploads, ABodyThatIsBrokenHalfWayIsTheCallersError) {
  start();
  Connection client(gateway->port());
  client.write_raw(
      "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n"
      "Host: gateway\r\napi-key: test-key\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n" +
      kFirstPart + "\r\n");
  Connection peer = receive_first_part();
  client.write_raw("nonsense\r\n");
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 400U) << answer.body;
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_FALSE(peer.read_to_end().ends_with("0\r\n\r\n")) << "half a body looks whole";
}

TEST_F(Uploads, AnAnswerBeforeTheEndOfTheBodyIsPassedOn) {
  start();
  Connection client(gateway->port());
  begin_upload(client);
  Connection peer = receive_first_part();
  peer.write_raw("HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch");
  client.write_raw(kFirstPart);  // what makes the gateway look
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 413U);
  EXPECT_EQ(answer.body, "much");
  EXPECT_EQ(answer.header("connection"), "close");
  peer.read_to_end();  // and the backend's connection is not kept either
}

// The replay buffer holds 1,024 bytes: all of it, all but one, and with the rest behind it.
TEST_F(Uploads, BodiesAroundTheBoundArriveWhole) {
  start();
  const std::string head =
      "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n"
      "Host: gateway\r\napi-key: test-key\r\n";
  for (const std::size_t bytes : {1'023, 1'024, 1'025, 5'000, 40'000}) {
    const std::string body = std::string(bytes - 1, 'x') + "|";
    std::string chunked = "Transfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < bytes; at += 1'000) {
      const std::string piece = body.substr(at, 1'000);
      http::append_chunk_header(chunked, piece.size());
      chunked += piece + "\r\n";
    }
    const std::string sized = "Content-Length: " + std::to_string(bytes) + "\r\n\r\n" + body;
    for (const std::string& rest : {sized, chunked + "0\r\n\r\n"}) {
      Connection client(gateway->port());
      client.write_raw(head + rest);
      Connection peer = backend.accept();
      const std::string received = peer.read_until("|");
      const std::size_t body_begins = received.find("\r\n\r\n");
      EXPECT_EQ(std::count(received.begin() + static_cast<std::ptrdiff_t>(body_begins),
                           received.end(), 'x'),
                static_cast<std::ptrdiff_t>(bytes - 1));
      peer.write_raw("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
      EXPECT_EQ(client.read().body, "ok");
    }
  }
}

TEST_F(Uploads, AStreamedBodyIsNotSentTwice) {
  start();
  Connection client(gateway->port());
  begin_upload(client);
  Connection peer = receive_first_part();
  client.write_raw(std::string(kWholeBytes - kFirstPart.size(), 'y'));
  peer.read_until(std::string(10, 'y'));
  peer.close(Connection::How::reset);
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 503U) << answer.body;
  EXPECT_EQ(gateway->wait_for_records(1).front().attempts.size(), 1U);
}

}  // namespace
}  // namespace spillway::integration
