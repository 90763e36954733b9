// Bytes are not touched: what a backend says is what the caller gets, only the framing between the
// two of them is each connection's own.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>

namespace spillway::integration {
namespace {

/// A body that a careless relay would change: line ends, NUL, invalid UTF-8, what looks like
/// chunks.
constexpr char kOddBytes[] = "{\"a\" :1}\r\n0\r\n\r\n\0\xff\xfe\n\ttail  ";
const std::string kOddBody(kOddBytes, sizeof kOddBytes - 1);
const std::string kOddLength = "Content-Length: 26\r\n";

std::string head_of(const std::string& raw) {
  return raw.substr(0, raw.find("\r\n\r\n") + 4);
}

std::string body_of(const std::string& raw) {
  return raw.substr(raw.find("\r\n\r\n") + 4);
}

/// One backend, played by the test.
class RelayBytes : public ::testing::Test {
 protected:
  static std::string chat_bytes(std::string_view version) {
    const std::string body = chat_body("gpt-4o");
    return "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 " +
           std::string(version) + "\r\nHost: gateway\r\napi-key: test-key\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  /// What the client gets, raw, for a backend that answers these bytes and then closes.
  std::string relayed(const std::string& answer, std::string_view version = "HTTP/1.1") {
    Connection client(gateway.port());
    client.write_raw(chat_bytes(version));
    Connection peer = backend.accept();
    peer.read_until(chat_body("gpt-4o"));
    peer.write_raw(answer);
    peer.close();
    gateway.wait_for_records(++requests);
    client.end_sending();
    return client.read_to_end();
  }

  HandServer backend;
  RunningGateway gateway{hand_yaml(backend.url())};
  std::size_t requests = 0;
};

TEST_F(RelayBytes, ABodyWithALengthKeepsIt) {
  const std::string raw = relayed("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" +
                                  kOddLength + "\r\n" + kOddBody);
  EXPECT_EQ(body_of(raw), kOddBody);
  EXPECT_EQ(count(raw, "content-length: 26\r\n"), 1U) << raw;
  EXPECT_EQ(count(head_of(raw), "ransfer-"), 0U) << raw;
}

TEST_F(RelayBytes, ChunksStayChunksForHttp11) {
  const std::string raw = relayed(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "1a;ext=1\r\n" +
      kOddBody +
      "\r\n5\r\nhello\r\n"
      "0\r\nX-Trailer: dropped\r\n\r\n");
  EXPECT_EQ(count(raw, "transfer-encoding: chunked\r\n"), 1U) << raw;
  EXPECT_EQ(count(head_of(raw), "ontent-"), 0U) << raw;
  EXPECT_NE(raw.find(kOddBody), std::string::npos);
  EXPECT_TRUE(raw.ends_with("\r\n0\r\n\r\n")) << raw;
}

TEST_F(RelayBytes, Http10GetsNoChunks) {
  const std::string raw = relayed(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "1a\r\n" +
          kOddBody + "\r\n5\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.0");
  EXPECT_EQ(body_of(raw), kOddBody + "hello");
  EXPECT_EQ(count(raw, "ransfer-"), 0U) << raw;
  EXPECT_EQ(count(raw, "connection: close\r\n"), 1U) << raw;
}

TEST_F(RelayBytes, ABodyThatEndsWithItsConnectionIsFramedForTheCaller) {
  const std::string raw = relayed("HTTP/1.1 200 OK\r\n\r\n" + kOddBody);
  EXPECT_EQ(count(raw, "transfer-encoding: chunked\r\n"), 1U) << raw;
  EXPECT_NE(raw.find(kOddBody), std::string::npos);
  EXPECT_TRUE(raw.ends_with("0\r\n\r\n")) << raw;
}

TEST_F(RelayBytes, AnHttp10BackendIsUnderstood) {
  const std::string raw = relayed("HTTP/1.0 200 Fine\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_TRUE(raw.starts_with("HTTP/1.1 200 Fine\r\n")) << raw;
  EXPECT_EQ(body_of(raw), "hello");
}

TEST_F(RelayBytes, TheCallersErrorsPassByteForByte) {
  for (const char* status : {"400 Bad Request", "404 Not Found", "404 Resource Not Found",
                             "409 Conflict", "413 X", "415 Y", "422 Unprocessable Entity"}) {
    const std::string raw = relayed("HTTP/1.1 " + std::string(status) +
                                    "\r\nContent-Type: text/weird\r\nX-Error-Code: Odd\r\n" +
                                    kOddLength + "\r\n" + kOddBody);
    EXPECT_TRUE(raw.starts_with("HTTP/1.1 " + std::string(status) + "\r\n")) << raw;
    EXPECT_EQ(body_of(raw), kOddBody) << status;
    EXPECT_EQ(count(raw, "Content-Type: text/weird\r\nX-Error-Code: Odd\r\n"), 1U) << raw;
    EXPECT_EQ(count(raw, "x-spillway-error"), 0U) << "it is the backend's answer";
  }
}

TEST_F(RelayBytes, AnEncodedBodyIsPassedOnAsItIs) {
  const std::string raw =
      relayed("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n" + kOddLength + "\r\n" + kOddBody);
  EXPECT_EQ(count(raw, "Content-Encoding: gzip\r\n"), 1U) << raw;
  EXPECT_EQ(body_of(raw), kOddBody);
}

TEST_F(RelayBytes, HeadersPassAndHopsEnd) {
  const std::string raw = relayed(
      "HTTP/1.1 200 OK\r\napim-request-id: 1-2-3\r\nx-ms-region: East US\r\n"
      "x-ratelimit-remaining-tokens: 17\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
      "Keep-Alive: timeout=5\r\nConnection: keep-alive, X-Hop\r\nX-Hop: gone\r\n"
      "Proxy-Authenticate: Basic\r\nUpgrade: h2c\r\nx-spillway-backend: a lie\r\n"
      "Content-Length: 2\r\n\r\nok");
  for (const char* kept :
       {"apim-request-id: 1-2-3\r\n", "x-ms-region: East US\r\n",
        "x-ratelimit-remaining-tokens: 17\r\n", "Set-Cookie: a=1\r\n", "Set-Cookie: b=2\r\n",
        "x-spillway-backend: hand\r\n", "x-spillway-attempts: 1\r\n"}) {
    EXPECT_EQ(count(raw, kept), 1U) << kept << raw;
  }
  for (const char* gone : {"Keep-Alive:", "X-Hop", "Proxy-", "Upgrade", "a lie"})
    EXPECT_EQ(count(raw, gone), 0U) << gone << raw;
}

TEST_F(RelayBytes, AnswersWithoutABodyHaveNone) {
  const std::string empty = relayed("HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n");
  EXPECT_TRUE(empty.starts_with("HTTP/1.1 204 No Content\r\n")) << empty;
  EXPECT_EQ(body_of(empty), "");
  EXPECT_EQ(count(empty, "content-length"), 0U) << empty;
  const std::string same = relayed("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n");
  EXPECT_EQ(body_of(same), "");
  const std::string zero = relayed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(body_of(zero), "");
  EXPECT_EQ(count(zero, "content-length: 0\r\n"), 1U) << zero;
}

TEST_F(RelayBytes, InterimAnswersAreNotTheAnswer) {
  const std::string raw = relayed(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
      "Link: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_TRUE(raw.starts_with("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n"))
      << raw;
  EXPECT_TRUE(raw.ends_with("\r\n\r\nok")) << raw;
}

TEST_F(RelayBytes, AnAnswerThatCannotBeFramedIsNoAnswer) {
  for (const char* answer :
       {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok", "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"}) {
    const std::string raw = relayed(answer);
    EXPECT_TRUE(raw.starts_with("HTTP/1.1 502")) << answer << raw;
    EXPECT_EQ(count(raw, "x-spillway-error: spillway_bad_gateway\r\n"), 1U) << raw;
  }
}

TEST_F(RelayBytes, ABrokenChunkInTheMiddleCutsTheAnswerVisibly) {
  Connection client(gateway.port());
  client.write(chat("gpt-4o"));
  Connection peer = backend.accept();
  peer.read_until(chat_body("gpt-4o"));
  peer.write_raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  client.read_until("hello\r\n");
  peer.write_raw("nonsense\r\n\r\n0\r\n\r\n");
  const std::string raw = client.read_to_end();
  EXPECT_TRUE(raw.ends_with("hello\r\n")) << raw;
  EXPECT_EQ(gateway.wait_for_records(1).front().ending, telemetry::Ending::upstream_cut);
}

TEST_F(RelayBytes, BytesBehindAnAnswerAreNobodysAnswer) {
  Connection client(gateway.port());
  Connection other(gateway.port());
  client.write(chat("gpt-4o"));
  Connection peer = backend.accept();
  peer.read_until("\r\n\r\n");
  peer.write_raw(
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 200 OK\r\n"
      "Content-Length: 6\r\n\r\npoison");
  EXPECT_EQ(client.read().body, "one");
  other.write(chat("gpt-4o"));
  Connection fresh = backend.accept();  // the first connection is not used again
  fresh.read_until("\r\n\r\n");
  fresh.write_raw("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo");
  EXPECT_EQ(other.read().body, "two");
}

TEST_F(RelayBytes, TheRequestLeavesInOneUnambiguousForm) {
  Connection client(gateway.port());
  const std::string body = "{\"messages\" : [ ]\r\n}";
  client.write_raw(
      "POST /openai/deployments/gpt%2D4o/chat/completions?api-version=2024-10-21&x=%41 "
      "HTTP/1.1\r\nHost: gateway\r\nAPI-KEY: test-key\r\nContent-Length: 00" +
      std::to_string(body.size()) +
      "\r\nTE: trailers\r\nConnection: TE\r\nAccept-Encoding: gzip, br\r\n"
      "X-Twice: 1\r\nX-Twice: 2\r\n\r\n" +
      body);
  Connection peer = backend.accept();
  const std::string raw = peer.read_until(body);
  EXPECT_EQ(body_of(raw), body);
  EXPECT_EQ(count(raw, "content-length: " + std::to_string(body.size()) + "\r\n"), 1U) << raw;
  EXPECT_EQ(count(raw, "host: 127.0.0.1:" + std::to_string(backend.port()) + "\r\n"), 1U) << raw;
  EXPECT_EQ(count(raw, "accept-encoding: identity\r\n"), 1U) << raw;
  EXPECT_EQ(count(raw, "X-Twice: 1\r\nX-Twice: 2\r\n"), 1U) << raw;
  EXPECT_EQ(count(raw, "api-version=2024-10-21&x=%41"), 1U) << raw;
  for (const char* gone : {"Host: gateway", "test-key", "TE:", "gzip", "onnection"})
    EXPECT_EQ(count(raw, gone), 0U) << gone << "\n" << raw;
  peer.write_raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(client.read().body, "ok");
}

TEST_F(RelayBytes, MegabytesArriveWhole) {
  std::string body;
  body.reserve(5'000'000);
  for (unsigned state = 1; body.size() < 5'000'000; state = state * 1'664'525 + 1'013'904'223)
    body += static_cast<char>(state >> 24U);
  Connection client(gateway.port());
  client.write(chat("gpt-4o"));
  Connection peer = backend.accept();
  peer.read_until("\r\n\r\n");
  std::thread writer(
      [&] { peer.write_raw("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + body); });
  const Answer answer = client.read();
  writer.join();
  EXPECT_TRUE(answer.is_complete);
  EXPECT_TRUE(answer.body == body);
}

}  // namespace
}  // namespace spillway::integration
