// Uploads far larger than what may be held: memory stays flat, and a backend that does not want one
// says so before it is on its way. The backends are played by the test.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>

namespace spillway::integration {
namespace {

constexpr std::size_t kMiB = 1U << 20U;

// A length that is a multiple of nothing, so that a byte lost or doubled shows.
std::string pattern() {
  std::string block(65'521, '\0');
  for (std::size_t i = 0; i < block.size(); ++i)
    block[i] = static_cast<char>((i * 31 + i / 256) % 251);
  return block;
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  statm >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// A sanitizer keeps what was freed, and shadows of what is in use: there the figure says nothing of
// us, and is only asserted without one.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsMemoryOurs = false;
#else
constexpr bool kIsMemoryOurs = true;
#endif
constexpr std::size_t kMostGrowth = 64 * kMiB;

class LargeUploads : public ::testing::Test {
 protected:
  LargeUploads() { start("1MiB"); }

  void start(const std::string& replay_buffer) {
    gateway.reset();
    const auto backend = [](const std::string& name, const HandServer& server) {
      return "  - { name: " + name + ", url: \"" + server.url() + "\", credential: key }\n";
    };
    gateway = std::make_unique<RunningGateway>(
        "listeners: [ { address: 127.0.0.1:0 } ]\n"
        "admin: { address: 127.0.0.1:0 }\n"
        "credentials: [ { name: key, api_key: backend-key } ]\n"
        "backends:\n" +
        backend("one", first) + backend("two", second) +
        "pools: [ { name: default, members: [ { backend: one, priority: 1 }, { backend: two, "
        "priority: 2 } ] } ]\n"
        "clients: [ { name: app, keys: [ test-key ] } ]\n"
        "limits: { replay_buffer: " +
        replay_buffer +
        " }\n"
        "server: { threads: 1, drain_timeout: 5s }\n");
  }

  std::unique_ptr<Connection> begin(std::size_t bytes) {
    auto client = std::make_unique<Connection>(gateway->port());
    client->write_raw(
        "POST /openai/v1/files HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer test-key\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: " +
        std::to_string(bytes) + "\r\n\r\n");
    return client;
  }
  static void send_pattern(Connection& client, std::size_t bytes) {
    const std::string block = pattern();
    for (std::size_t sent = 0; sent < bytes; sent += block.size())
      client.write_raw(std::string_view(block).substr(0, bytes - sent));
  }
  /// Accepts, and reads the head, which asks whether the body is wanted.
  static Connection accept_question(HandServer& server) {
    Connection peer = server.accept();
    const std::string head = peer.read_until("\r\n\r\n");
    EXPECT_NE(head.find("expect: 100-continue\r\n"), std::string::npos) << head;
    EXPECT_TRUE(head.ends_with("\r\n\r\n")) << "the body came unasked";
    peer.drop_received();
    return peer;
  }
  static void expect_pattern(Connection& peer, std::size_t bytes) {
    const std::string block = pattern();
    for (std::size_t got = 0; got < bytes; got += block.size()) {
      const std::size_t size = std::min(block.size(), bytes - got);
      ASSERT_TRUE(peer.read_bytes(size) == block.substr(0, size)) << "from " << got;
    }
  }
  static void answer_ok(Connection& peer) {
    peer.write_raw("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
  }

  HandServer first;
  HandServer second;
  std::unique_ptr<RunningGateway> gateway;
};

TEST_F(LargeUploads, HalfAGigabyteNeedsNoMoreMemoryThanAMegabyte) {
  constexpr std::size_t kBytes = 512 * kMiB;
  const auto client = begin(kBytes);
  std::thread sender([&client] { send_pattern(*client, kBytes); });
  Connection peer = accept_question(first);
  const std::size_t before = resident_bytes();
  peer.write_raw("HTTP/1.1 100 Continue\r\n\r\n");
  expect_pattern(peer, kBytes - 1000);
  if (kIsMemoryOurs) {
    EXPECT_LT(resident_bytes(), before + kMostGrowth);
  }
  peer.read_bytes(1000);
  sender.join();
  answer_ok(peer);
  EXPECT_EQ(client->read().body, "ok");
  EXPECT_EQ(gateway->wait_for_records(1).front().request_bytes, kBytes);
}

TEST_F(LargeUploads, AThrottledBackendIsLeftBeforeTheBodyIsSent) {
  constexpr std::size_t kBytes = 4 * kMiB;
  const auto client = begin(kBytes);
  std::thread sender([&client] { send_pattern(*client, kBytes); });
  Connection throttled = accept_question(first);
  throttled.write_raw(
      "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(throttled.read_to_end(), "") << "it did not want the body";
  Connection peer = accept_question(second);
  peer.write_raw("HTTP/1.1 100 Continue\r\n\r\n");
  expect_pattern(peer, kBytes);
  answer_ok(peer);
  EXPECT_EQ(client->read().body, "ok");
  sender.join();
  const auto record = gateway->wait_for_records(1).front();
  ASSERT_EQ(record.attempts.size(), 2U);
  EXPECT_EQ(record.attempts.front().status, 429U);
}

// More is held than the sockets between take, so that the answer comes while it is being sent.
TEST_F(LargeUploads, ABackendThatChangesItsMindInTheHeldPartIsLeftToo) {
  constexpr std::size_t kBytes = 20 * kMiB;
  start("16MiB");
  const auto client = begin(kBytes);
  std::thread sender([&client] { send_pattern(*client, kBytes); });
  Connection throttled = accept_question(first);
  throttled.write_raw("HTTP/1.1 100 Continue\r\n\r\n");
  expect_pattern(throttled, kMiB);
  throttled.write_raw("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
  EXPECT_LT(throttled.read_to_end().size(), 15 * kMiB) << "the rest is not worth sending";
  Connection peer = accept_question(second);
  peer.write_raw("HTTP/1.1 100 Continue\r\n\r\n");
  expect_pattern(peer, kBytes);
  answer_ok(peer);
  EXPECT_EQ(client->read().body, "ok");
  sender.join();
}

TEST_F(LargeUploads, ABackendThatRefusesTheQuestionGetsTheBodyWithoutIt) {
  constexpr std::size_t kBytes = 2 * kMiB;
  const auto client = begin(kBytes);
  std::thread sender([&client] { send_pattern(*client, kBytes); });
  Connection old = accept_question(first);
  old.write_raw("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
  Connection peer = first.accept();
  const std::string head = peer.read_until("\r\n\r\n");
  EXPECT_EQ(head.substr(0, head.find("\r\n\r\n")).find("expect:"), std::string::npos) << head;
  const std::size_t head_bytes = head.find("\r\n\r\n") + 4;
  peer.drop_received(head_bytes);
  expect_pattern(peer, kBytes);
  answer_ok(peer);
  EXPECT_EQ(client->read().body, "ok");
  sender.join();
}

TEST_F(LargeUploads, ABackendThatDoesNotKnowTheQuestionGetsTheBodyNevertheless) {
  constexpr std::size_t kBytes = 2 * kMiB;
  const auto client = begin(kBytes);
  std::thread sender([&client] { send_pattern(*client, kBytes); });
  Connection peer = accept_question(first);
  expect_pattern(peer, kBytes);
  answer_ok(peer);
  EXPECT_EQ(client->read().body, "ok");
  sender.join();
}

TEST_F(LargeUploads, AnInterimAnswerDoesNotHideTheFinalOneInTheMiddle) {
  constexpr std::size_t kBytes = 64 * kMiB;
  const auto client = begin(kBytes);
  std::thread sender([&client] {
    try {
      send_pattern(*client, kBytes);
    } catch (const std::exception&) {  // refused half way
    }
  });
  Connection peer = accept_question(first);
  peer.write_raw("HTTP/1.1 100 Continue\r\n\r\n");
  peer.read_bytes(3 * kMiB);
  peer.write_raw(
      "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch");
  peer.read_to_end();
  EXPECT_EQ(client->read().status, 102U);
  const Answer answer = client->read();
  EXPECT_EQ(answer.status, 413U);
  EXPECT_EQ(answer.body, "much");
  client->end_sending();  // where it still sends, it fails; closing is not for two threads
  sender.join();
}

// It reads nothing more, so that we stand in the middle of a write when the reset comes.
TEST_F(LargeUploads, AnAnswerBeforeAResetIsPassedOn) {
  constexpr std::size_t kBytes = 64 * kMiB;
  const auto client = begin(kBytes);
  std::thread sender([&client] {
    try {
      send_pattern(*client, kBytes);
    } catch (const std::exception&) {  // refused half way
    }
  });
  {
    Connection peer = accept_question(first);
    peer.write_raw("HTTP/1.1 100 Continue\r\n\r\n");
    peer.read_bytes(3 * kMiB);
    peer.write_raw("HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch");
    peer.close(Connection::How::orderly);  // with bytes unread: the system sends a reset
  }
  EXPECT_EQ(client->read().status, 413U);
  client->end_sending();  // where it still sends, it fails; closing is not for two threads
  sender.join();
}

}  // namespace
}  // namespace spillway::integration
