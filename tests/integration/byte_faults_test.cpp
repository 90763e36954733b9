// Peers that break at every byte: a backend that ends its answer after the nth, a client that ends
// its request after the nth, and both when they say garbage or never come to an end.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include <spillway/base/random.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace spillway::integration {
namespace {

constexpr std::uint64_t kSeed = 20261125;
constexpr std::size_t kEndless = 4U << 20U;
constexpr std::size_t kLongHead = 128U << 10U;

std::string raw_chat(std::string_view more = "") {
  const std::string body = chat_body("gpt-4o", more);
  std::string text = "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 ";
  text += "HTTP/1.1\r\nHost: gateway\r\napi-key: test-key\r\nContent-Length: ";
  text += std::to_string(body.size());
  text += "\r\n\r\n";
  return text + body;
}

std::string random_bytes(base::Random& random) {
  std::string bytes(1 + random.below(300), '\0');
  for (char& byte : bytes)
    byte = static_cast<char>(random.below(256));
  return bytes;
}

/// A backend that the test breaks, always asked first, and the simulator behind it.
class ByteFaults : public ::testing::Test {
 protected:
  void start() {
    std::string yaml = "listeners: [ { address: 127.0.0.1:0 } ]\n";
    yaml += "credentials: [ { name: key, api_key: backend-key } ]\n";
    yaml += "backends:\n  - { name: broken, url: \"" + broken.url() + "\", credential: key }\n";
    yaml += "  - { name: whole, url: \"" + simulator->url("east") + "\", credential: key }\n";
    yaml += "pools:\n  - name: default\n    members:\n";
    yaml += "      - { backend: broken, priority: 1 }\n      - { backend: whole, priority: 2 }\n";
    yaml += "    circuit_breaker: { faults: { failure_condition: { statuses: [500-599], ";
    yaml += "error_reasons: [connect, reset], count: 10000 } } }\n";
    yaml += "    retry: { budget: 100% }\n";
    yaml += "clients: [ { name: app, keys: [ test-key ] } ]\n";
    yaml += "server: { threads: 1, drain_timeout: 5s }\n";
    gateway = std::make_unique<RunningGateway>(yaml);
  }

  /// What the client sees when the backend says so much of its answer and is gone.
  Answer answer_to(const std::string& request, std::string_view said, Connection::How how) {
    Connection client(gateway->port());
    client.write_raw(request);
    Connection peer = broken.accept();
    peer.read_until("\r\n\r\n");
    peer.read_until("}");
    if (!said.empty()) peer.write_raw(said);
    peer.close(how);
    return client.read();
  }

  /// Every beginning of `answer`: nobody takes it for an answer. `marked` stands in its body.
  void break_at_every_byte(const std::string& request, const std::string& answer,
                           std::string_view marked) {
    for (const auto how : {Connection::How::orderly, Connection::How::reset}) {
      for (std::size_t bytes = 0; bytes < answer.size(); ++bytes) {
        SCOPED_TRACE("after byte " + std::to_string(bytes) + " of " +
                     std::to_string(answer.size()));
        const Answer seen = answer_to(request, std::string_view(answer).substr(0, bytes), how);
        const bool is_of_the_broken = seen.header("x-spillway-backend") == "broken";
        ASSERT_NE(is_of_the_broken, seen.is_complete) << seen.status << seen.body;
        if (is_of_the_broken) continue;
        ASSERT_EQ(seen.status, 200U) << seen.body;
        ASSERT_EQ(count(seen.body, marked), 0U) << "two answers are mixed";
      }
    }
  }

  /// The client ends after each byte of its request: no backend may hear of it.
  void leave_at_every_byte(const std::string& request) {
    for (const auto how : {Connection::How::orderly, Connection::How::reset}) {
      for (std::size_t bytes = 1; bytes < request.size(); ++bytes) {
        Connection client(gateway->port());
        client.write_raw(std::string_view(request).substr(0, bytes));
        client.close(how);
      }
    }
  }

  /// Lines until the other side has had enough; false if it took them all.
  static bool is_stopped(Connection& peer, const std::string& line) {
    try {
      for (std::size_t sent = 0; sent < kEndless; sent += line.size())
        peer.write_raw(line);
    } catch (const std::exception&) {
      return true;
    }
    return false;
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  HandServer broken;
  std::unique_ptr<RunningGateway> gateway;
};

const std::string kMarkedJson = R"({"id":"broken","object":"chat.completion","choices":[]})";

TEST_F(ByteFaults, AnAnswerWithALengthThatEndsAtAnyByte) {
  start();
  break_at_every_byte(raw_chat(),
                      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                          std::to_string(kMarkedJson.size()) + "\r\n\r\n" + kMarkedJson,
                      "broken");
}

TEST_F(ByteFaults, AnAnswerInChunksThatEndsAtAnyByte) {
  start();
  const std::string first = kMarkedJson.substr(0, 16);
  const std::string rest = kMarkedJson.substr(16, 32);
  break_at_every_byte(raw_chat(),
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n" + first +
                          "\r\n20;x=y\r\n" + rest + "\r\n0\r\nX-End: 1\r\n\r\n",
                      "broken");
}

TEST_F(ByteFaults, AStreamThatEndsAtAnyByte) {
  start();
  const std::string event = R"(data: {"id":"broken","choices":[{"delta":{"content":"a"}}]})";
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
  answer += "Transfer-Encoding: chunked\r\n\r\n3d\r\n" + event + "\n\n\r\n";
  answer += "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
  ASSERT_EQ(event.size() + 2, 0x3dU);
  break_at_every_byte(raw_chat(",\"stream\":true"), answer, "broken");
}

TEST_F(ByteFaults, AnAnswerByteByByteIsTheSameAnswer) {
  start();
  Connection client(gateway->port());
  client.write_raw(raw_chat());
  Connection peer = broken.accept();
  peer.read_until("}");
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kMarkedJson.size()) + "\r\n\r\n" +
      kMarkedJson;
  for (const char byte : answer)
    peer.write_raw(std::string_view(&byte, 1));
  const Answer seen = client.read();
  EXPECT_TRUE(seen.is_complete);
  EXPECT_EQ(seen.body, kMarkedJson);
}

TEST_F(ByteFaults, GarbageOfABackendIsAnsweredByAnother) {
  start();
  base::Random random(kSeed);
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const Answer seen = answer_to(raw_chat(), random_bytes(random), Connection::How::orderly);
    ASSERT_EQ(seen.status, 200U) << seen.body;
    ASSERT_EQ(seen.header("x-spillway-backend"), "whole");
    ASSERT_TRUE(seen.is_complete);
  }
}

TEST_F(ByteFaults, ABackendsHeadWithoutEndIsCutOff) {
  start();
  for (const std::string& line :
       {std::string("X-Endless: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"),
        std::string("HTTP/1.1 103 Early Hints\r\n\r\n"), std::string(1024, 'a')}) {
    Connection client(gateway->port());
    client.write_raw(raw_chat());
    Connection peer = broken.accept();
    peer.read_until("}");
    peer.write_raw(line.starts_with("HTTP") ? "" : "HTTP/1.1 200 OK\r\n");
    EXPECT_TRUE(is_stopped(peer, line)) << line.substr(0, 20);
    const Answer seen = client.read();
    EXPECT_EQ(seen.status, 200U);
    EXPECT_EQ(seen.header("x-spillway-backend"), "whole");
  }
}

TEST_F(ByteFaults, ARequestThatEndsAtAnyByteReachesNobody) {
  start();
  leave_at_every_byte(raw_chat());
  std::string chunked = "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 ";
  chunked += "HTTP/1.1\r\nHost: gateway\r\napi-key: test-key\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string body = chat_body("gpt-4o");
  ASSERT_LT(body.size(), 0x100U);
  for (const char byte : body)
    chunked += std::string("1\r\n") + byte + "\r\n";
  leave_at_every_byte(chunked + "0\r\n\r\n");
  // One that is whole comes after all of them, and is the first that a backend sees.
  Connection client(gateway->port());
  client.write_raw(raw_chat());
  Connection peer = broken.accept();
  EXPECT_EQ(count(peer.read_until("}"), body), 1U);
  peer.close();
  EXPECT_EQ(client.read().status, 200U);
  EXPECT_EQ(simulator->requests("east").size(), 1U);
}

TEST_F(ByteFaults, GarbageOfClientsReachesNobody) {
  start();
  base::Random random(kSeed);
  for (int round = 0; round < 300; ++round) {
    Connection client(gateway->port());
    client.write_raw(random_bytes(random));
    client.end_sending();
    const std::string answer = client.read_to_end();
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 4") ||
                answer.starts_with("HTTP/1.1 5"))
        << answer;
  }
  EXPECT_TRUE(simulator->requests("east").empty());
}

TEST_F(ByteFaults, AClientsHeadWithoutEndIsRefused) {
  start();
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"X-Endless: aaaaaaaaaaaaaaaaaaaaaaaa\r\n", "HTTP/1.1 431 "},
      {std::string(1024, 'a'), "HTTP/1.1 431 "},
      {"\r\n", "HTTP/1.1 400 "}};
  for (const auto& [line, status] : rows) {
    Connection client(gateway->port());
    client.write_raw(line == "\r\n" ? "" : "GET /openai/models HTTP/1.1\r\nHost: gateway\r\n");
    // What comes behind the refusal is dropped for a moment, so that the refusal is read.
    std::string head;
    while (head.size() < kLongHead)
      head += line;
    client.write_raw(head);
    client.read_until(status);
  }
  Connection client(gateway->port());
  client.write_raw(raw_chat());
  broken.accept().close();
  EXPECT_EQ(client.read().status, 200U);
}

}  // namespace
}  // namespace spillway::integration
