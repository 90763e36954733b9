// Over a limit there is a clear answer, the limit is counted, and everybody else is served on.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include "support/certificates.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <exception>
#include <memory>
#include <string>
#include <vector>

namespace spillway::integration {
namespace {

using gateway::Limit;
using simulator::Event;

const std::string kChatHead =
    "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n"
    "Host: gateway\r\napi-key: test-key\r\n";

class Limits : public ::testing::Test {
 protected:
  void start(const std::string& limits, const std::string& listener = "") {
    changes.limits = limits;
    if (!listener.empty()) changes.listener = listener;
    running = std::make_unique<RunningGateway>(gateway_yaml(*simulator, changes));
  }
  std::uint16_t port() { return running->port(); }
  bool is_counted(Limit limit, std::uint64_t times = 1) {
    return eventually([&] { return running->process().limit_hits.hits(limit) >= times; });
  }
  /// A connection that has been served once and is kept.
  Connection kept_connection() {
    Connection client(port());
    client.write(chat("gpt-4o"));
    EXPECT_EQ(client.read().status, 200U);
    return client;
  }
  static void expect_served(Connection& client) {
    client.write(chat("gpt-4o"));
    EXPECT_EQ(client.read().status, 200U);
  }
  static void expect_overloaded(const Answer& answer) {
    EXPECT_EQ(answer.status, 503U) << answer.body;
    EXPECT_EQ(answer.header("x-spillway-error"), "spillway_overloaded");
    EXPECT_EQ(answer.header("retry-after-ms"), "1000");
  }

  GatewayYaml changes;
  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  std::unique_ptr<RunningGateway> running;
};

TEST_F(Limits, AConnectionTooManyIsToldAndTheOthersStay) {
  start("max_connections: 2");
  Connection first = kept_connection();
  Connection second = kept_connection();
  Connection third(port());
  const Answer refusal = third.read();
  expect_overloaded(refusal);
  EXPECT_EQ(refusal.header("connection"), "close");
  EXPECT_EQ(third.read_to_end(), "");
  EXPECT_TRUE(is_counted(Limit::max_connections));
  expect_served(first);
  expect_served(second);
  first.close();
  EXPECT_TRUE(eventually([this] { return send(port(), chat("gpt-4o")).status == 200; }))
      << "a place is free again";
}

TEST_F(Limits, WhoSendsBeforeBeingToldStillReadsTheAnswer) {
  start("max_connections: 1");
  Connection first = kept_connection();
  const Answer refusal = send(port(), chat("gpt-4o"));
  expect_overloaded(refusal);
  expect_served(first);
}

TEST_F(Limits, OneAddressHasItsShareOnly) {
  start("max_connections_per_address: 2");
  Connection first = kept_connection();
  Connection second = kept_connection();
  Connection third(port());
  expect_overloaded(third.read());
  EXPECT_TRUE(is_counted(Limit::max_connections_per_address));
  expect_served(first);
  second.close();
  EXPECT_TRUE(eventually([this] { return send(port(), chat("gpt-4o")).status == 200; }));
}

TEST_F(Limits, AFloodOfConnectionsLeavesNothingBehind) {
  start("max_connections: 8");
  Connection first = kept_connection();
  for (int round = 0; round < 10; ++round) {
    std::vector<Connection> flood;
    for (int i = 0; i < 20; ++i)
      flood.emplace_back(port());
    expect_served(first);
  }
  const auto& process = running->process();
  EXPECT_TRUE(eventually([&] { return process.client_connections.load() == 1; }));
  EXPECT_TRUE(is_counted(Limit::max_connections, 50));
  expect_served(first);
}

TEST_F(Limits, HandshakesThatStandStillTakeNobodyElsesPlace) {
  const test::Certificates certificates;
  start("max_handshakes: 1",
        "{ address: 127.0.0.1:0, tls: { certificate_file: " + certificates.certificate_file() +
            ", private_key_file: " + certificates.private_key_file() + " } }");
  const Tls tls{certificates.ca_file(), "localhost", "", ""};
  const auto& process = running->process();
  Connection established(port(), tls);
  // The client's side of a handshake ends before ours.
  ASSERT_TRUE(eventually([&] { return process.handshakes.load() == 0; }));
  Connection silent(port());
  ASSERT_TRUE(eventually([&] { return process.handshakes.load() == 1; }));
  EXPECT_EQ(send(port(), chat("gpt-4o"), tls).status, 0U) << "closed at once";
  EXPECT_TRUE(is_counted(Limit::max_handshakes));
  expect_served(established);
  silent.close();
  EXPECT_TRUE(eventually([&] { return send(port(), chat("gpt-4o"), tls).status == 200; }));
}

TEST_F(Limits, ARequestTooManyIsRefusedAndItsConnectionKept) {
  start("max_requests: 1");
  simulator->set_fault("ptu", "stall_before_headers");
  Connection long_one(port());
  long_one.write(chat("gpt-4o"));
  ASSERT_TRUE(simulator->wait_for(Event::received, "ptu", 1));
  Connection second(port());
  for (int i = 0; i < 3; ++i) {
    second.write(chat("gpt-4o"));
    const Answer refusal = second.read();
    expect_overloaded(refusal);
    EXPECT_EQ(refusal.header("connection"), "") << "the connection is kept";
  }
  EXPECT_TRUE(is_counted(Limit::max_requests, 3));
  simulator->clear_faults("ptu");
  long_one.close();
  EXPECT_TRUE(eventually([&] {
    second.write(chat("gpt-4o"));
    return second.read().status == 200;
  }));
}

TEST_F(Limits, ALargeBodyThatIsRefusedIsNotWaitedFor) {
  start("max_requests: 1");
  simulator->set_fault("ptu", "stall_before_headers");
  Connection long_one(port());
  long_one.write(chat("gpt-4o"));
  ASSERT_TRUE(simulator->wait_for(Event::received, "ptu", 1));
  Connection second(port());
  second.write_raw(kChatHead + "Content-Length: 1000000\r\n\r\n");
  const Answer refusal = second.read();
  expect_overloaded(refusal);
  EXPECT_EQ(refusal.header("connection"), "close");
}

TEST_F(Limits, TheLastRequestOfAConnectionIsAnsweredAsSuch) {
  start("max_requests_per_connection: 3");
  Connection client(port());
  for (int i = 1; i <= 3; ++i) {
    client.write(chat("gpt-4o", i == 2 ? ",\"stream\":true" : ""));
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.header("connection"), i == 3 ? "close" : "") << i;
  }
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(is_counted(Limit::max_requests_per_connection));
}

TEST_F(Limits, AnOldConnectionIsEndedByItsNextAnswer) {
  start("max_connection_age: 50ms");
  Connection client(port());
  EXPECT_TRUE(eventually([&] {
    client.write(chat("gpt-4o"));
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200U);
    return answer.header("connection") == "close";
  }));
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(is_counted(Limit::max_connection_age));
}

TEST_F(Limits, EachBoundOfAHeadHasItsStatusAndItsCount) {
  start(
      "max_request_line_bytes: 256B, max_field_value_bytes: 300B, max_header_bytes: 1KiB, "
      "max_headers: 9");
  const std::string line = "GET /openai/v1/models HTTP/1.1\r\nHost: gateway\r\n";
  std::string many;
  for (int i = 0; i < 10; ++i)
    many += "X-" + std::to_string(i) + ": 1\r\n";
  struct Case {
    std::string bytes;
    unsigned status;
    Limit limit;
  };
  const std::vector<Case> cases = {
      {"GET /" + std::string(300, 'a') + " HTTP/1.1\r\n", 414, Limit::max_request_line_bytes},
      {line + "X: " + std::string(301, 'v') + "\r\n\r\n", 431, Limit::max_field_value_bytes},
      {line + "X: " + std::string(2'000, 'v'), 431, Limit::max_header_bytes},
      {line + many + "\r\n", 431, Limit::max_headers},
  };
  for (const Case& each : cases) {
    Connection client(port());
    client.write_raw(each.bytes);
    EXPECT_EQ(client.read().status, each.status) << name_of(each.limit);
    EXPECT_TRUE(is_counted(each.limit)) << name_of(each.limit);
  }
  EXPECT_EQ(send(port(), chat("gpt-4o")).status, 200U);
}

TEST_F(Limits, TheFramingOfChunksHasItsBounds) {
  start("max_chunk_extension_bytes: 64B, max_trailer_bytes: 64B");
  const std::string head = kChatHead + "Transfer-Encoding: chunked\r\n\r\n";
  Connection extended(port());
  extended.write_raw(head + "1;" + std::string(100, 'e') + "\r\n");
  EXPECT_EQ(extended.read().status, 400U);
  EXPECT_TRUE(is_counted(Limit::max_chunk_extension_bytes));
  Connection trailing(port());
  trailing.write_raw(head + "0\r\nX: " + std::string(100, 't') + "\r\n\r\n");
  EXPECT_EQ(trailing.read().status, 400U);
  EXPECT_TRUE(is_counted(Limit::max_trailer_bytes));
}

TEST_F(Limits, ExtensionsMayBeLongerThanALineUsuallyIs) {
  start("max_chunk_extension_bytes: 20KiB");
  const std::string body = chat_body("gpt-4o");
  Connection client(port());
  std::string size;
  for (std::size_t rest = body.size(); rest > 0; rest /= 16)
    size.insert(size.begin(), "0123456789abcdef"[rest % 16]);
  client.write_raw(kChatHead + "Transfer-Encoding: chunked\r\n\r\n" + size + ";" +
                   std::string(10'000, 'e') + "\r\n" + body + "\r\n0\r\n\r\n");
  EXPECT_EQ(client.read().status, 200U);
}

TEST_F(Limits, BodiesAreCountedByTheirKind) {
  start("max_request_body: 1KiB, max_upload_body: 1KiB");
  Request large = chat("gpt-4o");
  large.body = chat_body("gpt-4o", ",\"user\":\"" + std::string(2'000, 'x') + "\"");
  EXPECT_EQ(send(port(), large).status, 413U);
  EXPECT_TRUE(is_counted(Limit::max_request_body));
  Request upload = large;
  upload.target = "/openai/v1/files";
  upload.headers = {{"api-key", "test-key"}, {"content-type", "multipart/form-data; boundary=b"}};
  EXPECT_EQ(send(port(), upload).status, 413U);
  EXPECT_TRUE(is_counted(Limit::max_upload_body));
}

TEST_F(Limits, TheStatusShowsThemAll) {
  start("max_connections: 5, header_timeout: 7s");
  Connection client = kept_connection();
  const auto limits = nlohmann::json::parse(get(running->admin_port(), "/status").body)["limits"];
  EXPECT_EQ(limits.size(), gateway::kLimits);
  EXPECT_EQ(limits["max_connections"]["configured"], 5);
  EXPECT_EQ(limits["max_connections"]["current"], 1);
  EXPECT_EQ(limits["max_connections"]["hits"], 0);
  EXPECT_EQ(limits["header_timeout"]["configured"], 7'000);
  EXPECT_EQ(limits["max_memory"]["pressure"], "none");
  EXPECT_GT(limits["max_memory"]["current"], 1'000'000);
  EXPECT_GT(limits["descriptors"]["configured"], 0);
}

TEST_F(Limits, AReloadMovesThem) {
  start("max_connections: 1, max_requests_per_connection: 0");
  Connection first = kept_connection();
  expect_overloaded(send(port(), chat("gpt-4o")));
  changes.limits = "max_connections: 2, max_requests_per_connection: 2";
  ASSERT_TRUE(running->reload(gateway_yaml(*simulator, changes)));
  EXPECT_TRUE(eventually([this] { return send(port(), chat("gpt-4o")).status == 200; }));
  EXPECT_TRUE(eventually([&] {
    first.write(chat("gpt-4o"));
    return first.read().header("connection") == "close";
  })) << "open connections too";
}

}  // namespace
}  // namespace spillway::integration
