// What clients may send wrong, slowly, too large or in parts: a clear answer or a closed
// connection, and nothing of it at a backend.

#include "integration/conformance_world.hpp"
#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace spillway::integration {
namespace {

const std::string kChatLine =
    "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n";
/// What an attacker would have the gateway take for a request of its own.
const std::string kSmuggledCall = "GET /openai/v1/models HTTP/1.1\r\n" + kHost + kKey + "\r\n";

std::string chat_head(const std::string& fields) {
  return kChatLine + kHost + kKey + fields + "\r\n";
}

std::string in_chunks(const std::string& body, std::size_t chunk_bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string framed;
  for (std::size_t at = 0; at < body.size(); at += chunk_bytes) {
    const std::string chunk = body.substr(at, chunk_bytes);
    std::string size;
    for (std::size_t rest = chunk.size(); rest > 0; rest /= 16)
      size.insert(size.begin(), kHex[rest % 16]);
    framed += size + "\r\n" + chunk + "\r\n";
  }
  return framed + "0\r\n\r\n";
}

/// A chat body of at least so many bytes.
std::string large_chat_body(std::size_t bytes) {
  return chat_body("gpt-4o", ",\"user\":\"" + std::string(bytes, 'x') + "\"");
}

Request large_chat(std::size_t bytes) {
  Request request = chat("gpt-4o");
  request.body = large_chat_body(bytes);
  return request;
}

class BadInput : public ::testing::Test {
 protected:
  void start(const std::string& limits, const std::string& pool_extra = "") {
    GatewayYaml changes;
    changes.limits = limits;
    changes.pool_extra = pool_extra;
    gateway = std::make_unique<RunningGateway>(gateway_yaml(*simulator, changes));
  }

  static void expect_error_shape(const Answer& answer, const std::string& what) {
    const std::string code = answer.header("x-spillway-error");
    EXPECT_TRUE(code.starts_with("spillway_")) << what << ": " << code;
    EXPECT_EQ(answer.header("content-type"), "application/json") << what;
    const auto body = nlohmann::json::parse(answer.body, nullptr, false);
    ASSERT_TRUE(body.is_object() && body.contains("error")) << what << ": " << answer.body;
    EXPECT_EQ(body["error"].value("code", ""), code) << what;
    EXPECT_FALSE(body["error"].value("message", "").empty()) << what;
    EXPECT_FALSE(body["error"].value("type", "").empty()) << what;
  }

  /// Sends the bytes; expects one answer of that status, the end of the connection behind it, and
  /// silence at the backends.
  void expect_refused(const std::string& bytes, unsigned status, const std::string& what) {
    Connection client(gateway->port());
    client.write_raw(bytes);
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, status) << what << ": " << answer.body;
    EXPECT_EQ(answer.header("connection"), "close") << what;
    expect_error_shape(answer, what);
    EXPECT_EQ(client.read_to_end(), "") << what << ": something stands behind the refusal";
    EXPECT_TRUE(simulator->requests().empty()) << what << ": it reached a backend";
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  std::unique_ptr<RunningGateway> gateway =
      std::make_unique<RunningGateway>(gateway_yaml(*simulator));
};

TEST_F(BadInput, MalformedHeadsAre400AndTheEnd) {
  const std::string line = "GET /openai/v1/models HTTP/1.1\r\n";
  const std::vector<std::pair<std::string, std::string>> heads = {
      {"no version", "GET /openai/v1/models\r\n" + kHost + kKey + "\r\n"},
      {"two blanks", "GET  /openai/v1/models HTTP/1.1\r\n" + kHost + kKey + "\r\n"},
      {"no colon", line + kHost + kKey + "nonsense\r\n\r\n"},
      {"blank before the colon", line + kHost + kKey + "X-Field : 1\r\n\r\n"},
      {"folded line", line + kHost + kKey + "X-Field: 1\r\n 2\r\n\r\n"},
      {"bare LF", "GET /openai/v1/models HTTP/1.1\n" + kHost + kKey + "\r\n"},
      {"NUL in a value", line + kHost + kKey + "X-Field: a" + std::string(1, '\0') + "b\r\n\r\n"},
      {"no Host", line + kKey + "\r\n"},
      {"two Hosts", line + kHost + kHost + kKey + "\r\n"},
      {"Host with a path", line + "Host: gateway/x\r\n" + kKey + "\r\n"},
      {"asterisk", "GET * HTTP/1.1\r\n" + kHost + kKey + "\r\n"},
      {"TLS", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + "\r\n\r\n"},
  };
  for (const auto& [what, bytes] : heads)
    expect_refused(bytes + kSmuggledCall, 400, what);
}

TEST_F(BadInput, ASmugglersFramingIsRefusedAndWhatFollowsIsNotARequest) {
  const std::string body = "0\r\n\r\n";
  const std::vector<std::pair<std::string, std::string>> framings = {
      {"CL and TE", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"},
      {"TE and CL", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"},
      {"gzip", "Transfer-Encoding: gzip\r\n"},
      {"chunked, gzip", "Transfer-Encoding: chunked, gzip\r\n"},
      {"xchunked", "Transfer-Encoding: xchunked\r\n"},
      {"identity", "Transfer-Encoding: identity\r\n"},
      {"two TE", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"},
      {"quoted", "Transfer-Encoding: \"chunked\"\r\n"},
      {"vertical tab",
       "Transfer-Encoding:\x0b"
       "chunked\r\n"},
      {"empty TE", "Transfer-Encoding: \r\nContent-Length: 5\r\n"},
      {"two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n"},
      {"list of lengths", "Content-Length: 5, 6\r\n"},
      {"signed length", "Content-Length: +5\r\n"},
      {"negative length", "Content-Length: -5\r\n"},
      {"hexadecimal length", "Content-Length: 0x5\r\n"},
      {"length of 2^64 + 5", "Content-Length: 18446744073709551621\r\n"},
  };
  for (const auto& [what, fields] : framings)
    expect_refused(chat_head(fields) + body + kSmuggledCall, 400, what);
}

TEST_F(BadInput, AnHttp10RequestHasNoChunks) {
  std::string line = kChatLine;
  line.replace(line.find("HTTP/1.1"), 8, "HTTP/1.0");
  expect_refused(
      line + kHost + kKey + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kSmuggledCall, 400,
      "chunked on 1.0");
}

TEST_F(BadInput, BrokenChunksAreRefusedInTheMiddleOfTheBody) {
  const std::string head = chat_head("Transfer-Encoding: chunked\r\n");
  const std::vector<std::pair<std::string, std::string>> bodies = {
      {"no size", "\r\nabc\r\n0\r\n\r\n"},
      {"not hexadecimal", "zz\r\nabc\r\n0\r\n\r\n"},
      {"blank before the size", " 3\r\nabc\r\n0\r\n\r\n"},
      {"0x", "0x3\r\nabc\r\n0\r\n\r\n"},
      {"bare LF", "3\nabc\r\n0\r\n\r\n"},
      {"longer than it says", "3\r\nabcdef\r\n0\r\n\r\n"},
      {"size of 2^64", "10000000000000000\r\nabc\r\n0\r\n\r\n"},
      {"endless extension", "3;" + std::string(10'000, 'e')},
      {"endless trailers", "0\r\nX: " + std::string(20'000, 't')},
  };
  for (const auto& [what, body] : bodies)
    expect_refused(head + body, 400, what);
}

TEST_F(BadInput, OtherRefusalsOfTheHeadSayWhichOne) {
  const std::string line = "GET /openai/v1/models HTTP/1.1\r\n";
  const std::string many(9'000, 'a');
  expect_refused("GET /openai/v1/" + many + " HTTP/1.1\r\n" + kHost + kKey + "\r\n", 414, "target");
  expect_refused(line + kHost + kKey + "X-A: " + std::string(40'000, 'a') + "\r\n\r\n", 431,
                 "header section");
  std::string fields;
  for (int i = 0; i < 200; ++i)
    fields += "X-" + std::to_string(i) + ": 1\r\n";
  expect_refused(line + kHost + kKey + fields + "\r\n", 431, "number of fields");
  expect_refused("CONNECT gateway:443 HTTP/1.1\r\n" + kHost + kKey + "\r\n", 405, "CONNECT");
  expect_refused("GET /openai/v1/models HTTP/2.0\r\n" + kHost + kKey + "\r\n", 505, "version");
  expect_refused(line + kHost + kKey + "Expect: a-miracle\r\n\r\n", 417, "expectation");
  expect_refused(chat_head("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n", 501, "coding");
}

TEST_F(BadInput, UnknownPathsAre404OfOursAndTheConnectionLives) {
  Connection client(gateway->port());
  for (const char* target : {"/", "/openai", "/healthz", "/v2/models", "/openai/v2/models"}) {
    Request request;
    request.method = "GET";
    request.target = target;
    request.headers = {{"api-key", "test-key"}};
    client.write(request);
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 404U) << target << ": " << answer.body;
    expect_error_shape(answer, target);
  }
  EXPECT_TRUE(simulator->requests().empty());
}

TEST_F(BadInput, PathsThatTwoReadersMightReadDifferentlyAre400) {
  for (const char* target :
       {"/openai/deployments/../v1/models", "/openai/./v1/models", "/openai//v1/models",
        "/openai/deployments/a%2Fb/chat/completions?api-version=2024-10-21",
        "/openai/v1/%2e%2e/models", "/openai/v1/mod%00els", "/openai/v1/models%zz"}) {
    const Answer answer = get(gateway->port(), target);
    EXPECT_EQ(answer.status, 400U) << target << ": " << answer.body;
    expect_error_shape(answer, target);
  }
  EXPECT_TRUE(simulator->requests().empty());
}

TEST_F(BadInput, ARefusalBeforeTheBodyWasReadIsNotFollowedByIt) {
  // The unread body is a whole request of its own; to take it for one would be smuggling.
  Request wrong = chat("gpt-4o");
  wrong.headers[0] = {"api-key", "wrong"};
  wrong.body = kSmuggledCall;
  Connection client(gateway->port());
  client.write(wrong);
  EXPECT_EQ(client.read().status, 401U);
  EXPECT_EQ(client.read_to_end().find("HTTP/1.1"), std::string::npos);
  EXPECT_TRUE(simulator->requests().empty());
}

TEST_F(BadInput, ATooLargeBodyIsA413HoweverItIsFramed) {
  start("max_request_body: 1KiB");
  const std::string body = large_chat_body(2'000);
  expect_refused(chat_head("Content-Length: " + std::to_string(body.size()) + "\r\n") + body, 413,
                 "with a length");
  const std::string chunks = in_chunks(body, 500);
  expect_refused(chat_head("Transfer-Encoding: chunked\r\n") + chunks.substr(0, 1'800), 413,
                 "in chunks, with more to come");
  Connection client(gateway->port());
  client.write_raw(chat_head("Transfer-Encoding: chunked\r\n") + chunks);
  EXPECT_EQ(client.read().status, 413U);
  // Nobody sends what was refused: the answer comes without the body.
  expect_refused(chat_head("Content-Length: 99999999\r\nExpect: 100-continue\r\n"), 413,
                 "asked before");
  Request fitting = chat("gpt-4o");
  EXPECT_EQ(send(gateway->port(), fitting).status, 200U);
}

TEST_F(BadInput, ASlowHeadEndsTheConnection) {
  start("header_timeout: 100ms");
  Connection client(gateway->port());
  client.write_raw("GET /openai/v1/models HTTP/1.1\r\nHost: gat");
  EXPECT_EQ(client.read_to_end(), "");
  Connection silent(gateway->port());
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_EQ(send(gateway->port(), chat("gpt-4o")).status, 200U);
}

TEST_F(BadInput, AStalledBodyEndsTheConnectionAndReachesNobody) {
  start("body_timeout: 100ms");
  Connection client(gateway->port());
  client.write_raw(chat_head("Content-Length: 1000\r\n") + "{\"messages\":");
  EXPECT_EQ(client.read_to_end().find(" 200 "), std::string::npos);
  gateway->wait_for_records(1);
  EXPECT_TRUE(simulator->requests().empty());
}

TEST_F(BadInput, AnIdleConnectionIsClosedAfterItsTime) {
  start("idle_timeout: 100ms");
  Connection client(gateway->port());
  client.write(chat("gpt-4o"));
  EXPECT_EQ(client.read().status, 200U);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(BadInput, AClientThatLeavesInTheMiddleOfItsRequestCostsNothing) {
  for (const auto how : {Connection::How::orderly, Connection::How::reset}) {
    Connection client(gateway->port());
    client.write_raw(chat_head("Content-Length: 1000\r\n") + "{\"messages\":");
    client.close(how);
  }
  const auto records = gateway->wait_for_records(2);
  EXPECT_EQ(records[0].ending, telemetry::Ending::client_gone);
  EXPECT_EQ(records[1].ending, telemetry::Ending::client_gone);
  EXPECT_TRUE(simulator->requests().empty());
}

class GoodInput : public BadInput {};

TEST_F(GoodInput, PipelinedRequestsAreAnsweredInOrder) {
  Connection client(gateway->port());
  for (const char* id : {"first", "second", "third", "fourth"}) {
    Request request = chat("gpt-4o", id == std::string("second") ? ",\"stream\":true" : "");
    request.headers.emplace_back("x-ms-client-request-id", id);
    client.write(request);
  }
  for (const char* id : {"first", "second", "third", "fourth"}) {
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_TRUE(answer.is_complete);
    EXPECT_EQ(answer.header("x-spillway-request-id"), id);
  }
}

TEST_F(GoodInput, AHundredRequestsShareOneConnection) {
  Connection client(gateway->port());
  for (int i = 0; i < 100; ++i) {
    client.write(chat("gpt-4o", i % 2 == 0 ? "" : ",\"stream\":true"));
    const Answer answer = client.read();
    ASSERT_EQ(answer.status, 200U) << i << ": " << answer.body;
    ASSERT_TRUE(answer.is_complete);
  }
}

TEST_F(GoodInput, BytesThatComeOneByOneMakeTheSameRequest) {
  Connection client(gateway->port());
  const std::string bytes =
      chat_head("Transfer-Encoding: chunked\r\n") + in_chunks(chat_body("gpt-4o"), 7);
  for (const char byte : bytes)
    client.write_raw(std::string_view(&byte, 1));
  EXPECT_EQ(client.read().status, 200U);
  EXPECT_EQ(simulator->requests("ptu").at(0).body, chat_body("gpt-4o"));
}

TEST_F(GoodInput, ConnectionCloseIsHonoured) {
  for (const char* more : {"", ",\"stream\":true"}) {
    Request request = chat("gpt-4o", more);
    request.headers.emplace_back("Connection", "close");
    Connection client(gateway->port());
    client.write(request);
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(client.read_to_end(), "");
  }
}

TEST_F(GoodInput, ReadingMethodsPassWithoutABody) {
  const Answer list = get(gateway->port(), "/openai/v1/models");
  EXPECT_EQ(list.status, 200U);
  EXPECT_NE(list.body.find("\"object\":\"list\""), std::string::npos) << list.body;

  Connection client(gateway->port());
  Request head;
  head.method = "HEAD";
  head.target = "/openai/v1/models";
  head.headers = {{"api-key", "test-key"}};
  client.write(head);
  const Answer announced = client.read("HEAD");
  EXPECT_EQ(announced.status, 200U);
  EXPECT_EQ(announced.header("content-length"), std::to_string(list.body.size()));
  client.write(chat("gpt-4o"));
  EXPECT_EQ(client.read().status, 200U) << "the connection lives on behind an answer to HEAD";
}

TEST_F(GoodInput, WhatWasCreatedCanBeReadAndDeleted) {
  Request create = chat_v1("gpt-4o");
  create.target = "/openai/v1/responses";
  create.body = R"({"model":"gpt-4o","input":"What is a spillway for?"})";
  const Answer created = send(gateway->port(), create);
  ASSERT_EQ(created.status, 200U) << created.body;
  const std::string id = nlohmann::json::parse(created.body)["id"];
  EXPECT_EQ(get(gateway->port(), "/openai/v1/responses/" + id).status, 200U);
  Request remove;
  remove.method = "DELETE";
  remove.target = "/openai/v1/responses/" + id;
  remove.headers = {{"api-key", "test-key"}};
  EXPECT_EQ(send(gateway->port(), remove).status, 200U);
  EXPECT_EQ(get(gateway->port(), "/openai/v1/responses/" + id).status, 404U);
}

TEST_F(GoodInput, WhoeverExpects100ContinueIsToldToGoOn) {
  const std::string body = chat_body("gpt-4o");
  Connection client(gateway->port());
  client.write_raw(
      chat_head("Expect: 100-continue\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.drop_received();
  client.write_raw(body);
  EXPECT_EQ(client.read().status, 200U);
  EXPECT_FALSE(simulator->requests("ptu").at(0).header("expect"));
}

TEST_F(GoodInput, WhoeverIsRefusedIsNotToldToGoOn) {
  Connection client(gateway->port());
  client.write_raw(kChatLine + kHost + "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_EQ(client.read().status, 401U);
}

TEST_F(GoodInput, AChunkedBodyArrivesWithItsLength) {
  const std::string body = large_chat_body(100'000);
  Connection client(gateway->port());
  client.write_raw(chat_head("Transfer-Encoding: chunked\r\n") + in_chunks(body, 999));
  EXPECT_EQ(client.read().status, 200U);
  const auto request = simulator->requests("ptu").at(0);
  EXPECT_EQ(request.body_bytes, body.size());
  EXPECT_EQ(request.body, body.substr(0, request.body.size()));
  EXPECT_EQ(request.header("content-length"), std::to_string(body.size()));
  EXPECT_FALSE(request.header("transfer-encoding"));
}

TEST_F(GoodInput, ABodyLargerThanTheReplayBufferStreamsThroughOnce) {
  start("replay_buffer: 64KiB");
  const Request with_length = large_chat(3'000'000);
  const Answer answer = send(gateway->port(), with_length);
  EXPECT_EQ(answer.status, 200U) << answer.body;
  EXPECT_EQ(answer.header("x-spillway-backend"), "ptu");

  Connection client(gateway->port());
  client.write_raw(chat_head("Transfer-Encoding: chunked\r\n") +
                   in_chunks(with_length.body, 50'000));
  EXPECT_EQ(client.read().status, 200U);
  client.write(chat("gpt-4o"));
  EXPECT_EQ(client.read().status, 200U) << "the connection lives on";

  const auto requests = simulator->requests("ptu");
  ASSERT_EQ(requests.size(), 3U);
  for (int i = 0; i < 2; ++i) {
    const auto& seen = requests[static_cast<std::size_t>(i)];
    EXPECT_EQ(seen.body_bytes, with_length.body.size());
    EXPECT_EQ(seen.body, with_length.body.substr(0, seen.body.size()));
  }
  EXPECT_EQ(requests[0].header("content-length"), std::to_string(with_length.body.size()));
  EXPECT_EQ(requests[1].header("transfer-encoding"), "chunked");
}

TEST_F(GoodInput, AStreamedBodyMovesOnWhileNothingOfItWasSent) {
  start("replay_buffer: 64KiB");
  simulator->set_fault("ptu", "refuse");
  const Request request = large_chat(1'000'000);
  const Answer answer = send(gateway->port(), request);
  EXPECT_EQ(answer.status, 200U) << answer.body;
  const std::string served = answer.header("x-spillway-backend");
  EXPECT_NE(served, "ptu");
  EXPECT_EQ(simulator->requests(served).at(0).body_bytes, request.body.size());
}

TEST_F(GoodInput, AStreamedBodyIsSentOnceAndNotAgain) {
  start("replay_buffer: 64KiB");
  simulator->set_fault("ptu", "close_before_headers");
  const Answer answer = send(gateway->port(), large_chat(1'000'000));
  EXPECT_EQ(answer.status, 503U) << answer.body;
  expect_error_shape(answer, "sent once");
  EXPECT_TRUE(simulator->requests("east").empty());
  EXPECT_TRUE(simulator->requests("west").empty());
}

TEST_F(GoodInput, ABodyWithinTheReplayBufferMovesOnWhole) {
  simulator->set_fault("ptu", "close_before_headers");
  const Request request = large_chat(1'000'000);
  const Answer answer = send(gateway->port(), request);
  ASSERT_EQ(answer.status, 200U) << answer.body;
  const auto seen = simulator->requests(answer.header("x-spillway-backend")).at(0);
  EXPECT_EQ(seen.body_bytes, request.body.size());
}

TEST_F(GoodInput, ARestrictedClientCannotHideItsModelInALargeBody) {
  GatewayYaml changes;
  changes.limits = "replay_buffer: 64KiB";
  changes.clients = "clients: [ { name: app, keys: [ test-key ], deployments: [ gpt-4o ] } ]";
  RunningGateway restricted(gateway_yaml(*simulator, changes));
  Request request = chat_v1("text-embedding-3-large");
  request.body.pop_back();
  request.body += ",\"user\":\"" + std::string(200'000, 'x') + "\"}";
  const Answer answer = send(restricted.port(), request);
  EXPECT_EQ(answer.status, 403U) << answer.body;
  EXPECT_TRUE(simulator->requests().empty());
}

}  // namespace
}  // namespace spillway::integration
