// Clients that drip, stall or do not read, in every phase: each is ended within its own limit, and
// whoever is ordinary is served all the while.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"
#include "support/certificates.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <string>
#include <thread>

namespace spillway::integration {
namespace {

using gateway::Limit;

const std::string kHead =
    "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n"
    "Host: gateway\r\napi-key: test-key\r\n";
const std::string kChunked = kHead + "Transfer-Encoding: chunked\r\n\r\n";
/// A rate that nobody reaches, so that the grace decides.
const std::string kBodyLimits = "rate_grace: 200ms, min_body_rate: 1GiB";

class SlowClients : public ::testing::Test {
 protected:
  void start(const std::string& limits) {
    changes.limits = limits;
    running = std::make_unique<RunningGateway>(gateway_yaml(*simulator, changes));
  }
  void expect_ordinary_is_served() {
    Request request;
    request.method = "GET";
    request.target = "/no-such-page";
    request.headers = {{"api-key", "test-key"}};
    const Answer answer =
        tls ? send(running->port(), request, *tls) : send(running->port(), request);
    EXPECT_EQ(answer.status, 404U) << answer.body;
  }
  /// Sends byte after byte, an ordinary request between each two, until the gateway is done with
  /// it.
  void expect_cut(Connection& slow, const std::string& bytes, Limit limit) {
    std::size_t sent = 0;
    const bool is_cut = eventually([&] {
      expect_ordinary_is_served();
      try {
        slow.write_raw(bytes.substr(sent++ % bytes.size(), 1));
      } catch (const std::exception&) {
        return true;
      }
      return false;
    });
    EXPECT_TRUE(is_cut) << "it drips on after " << sent << " bytes";
    EXPECT_GE(running->process().limit_hits.hits(limit), 1U) << name_of(limit);
    expect_ordinary_is_served();
    EXPECT_TRUE(simulator->requests().empty()) << "nothing of it reaches a backend";
  }

  GatewayYaml changes;
  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  std::unique_ptr<RunningGateway> running;
  std::unique_ptr<Tls> tls;
};

TEST_F(SlowClients, InTheTlsHandshake) {
  const test::Certificates certificates;
  changes.listener =
      "{ address: 127.0.0.1:0, tls: { certificate_file: " + certificates.certificate_file() +
      ", private_key_file: " + certificates.private_key_file() + " } }";
  tls = std::make_unique<Tls>(Tls{certificates.ca_file(), "localhost", "", ""});
  start("handshake_timeout: 500ms");
  Connection slow(running->port());
  slow.write_raw(std::string("\x16\x03\x01\x40\x00\x01", 6));  // a record that is never whole
  expect_cut(slow, "x", Limit::handshake_timeout);
}

TEST_F(SlowClients, InTheRequestLine) {
  start("header_timeout: 200ms");
  Connection slow(running->port());
  slow.write_raw("GET /");
  expect_cut(slow, "a", Limit::header_timeout);
}

TEST_F(SlowClients, InTheHeader) {
  start("header_timeout: 200ms");
  Connection slow(running->port());
  slow.write_raw(kHead + "X-Slow: ");
  expect_cut(slow, "a", Limit::header_timeout);
}

TEST_F(SlowClients, InABodyOfKnownLength) {
  start(kBodyLimits);
  Connection slow(running->port());
  slow.write_raw(kHead + "Content-Length: 100000\r\n\r\n");
  expect_cut(slow, "x", Limit::min_body_rate);
}

TEST_F(SlowClients, InAChunkedBody) {
  start(kBodyLimits);
  Connection slow(running->port());
  slow.write_raw(kChunked);
  expect_cut(slow, "1\r\nx\r\n", Limit::min_body_rate);
}

TEST_F(SlowClients, InAChunksSizeLine) {
  start(kBodyLimits);
  Connection slow(running->port());
  slow.write_raw(kChunked + "5;");
  expect_cut(slow, "e", Limit::min_body_rate);
}

TEST_F(SlowClients, InTheTrailers) {
  start(kBodyLimits);
  Connection slow(running->port());
  slow.write_raw(kChunked + "0\r\nX-Slow: ");
  expect_cut(slow, "t", Limit::min_body_rate);
}

TEST_F(SlowClients, InABodyThatTakesTooLongInAll) {
  start("max_body_time: 200ms, min_body_rate: 0B");
  Connection slow(running->port());
  slow.write_raw(kHead + "Content-Length: 100000\r\n\r\n");
  expect_cut(slow, "x", Limit::max_body_time);
}

TEST_F(SlowClients, InTheSecondRequest) {
  start("header_timeout: 200ms");
  Connection slow(running->port());
  slow.write_raw("GET /no-such-page HTTP/1.1\r\nHost: gateway\r\napi-key: test-key\r\n\r\n");
  EXPECT_EQ(slow.read("GET").status, 404U);
  slow.write_raw("GET /");
  expect_cut(slow, "a", Limit::header_timeout);
}

/// Clients that are slow to take an answer; the backend is played by the test and has no end.
class SlowReaders : public SlowClients {
 protected:
  ~SlowReaders() override {
    if (writer.joinable()) writer.join();
  }
  void start_with_endless_backend(const std::string& limits) {
    running = std::make_unique<RunningGateway>(
        "listeners: [ { address: 127.0.0.1:0 } ]\n"
        "credentials: [ { name: key, api_key: backend-key } ]\n"
        "backends: [ { name: one, url: \"" +
        backend.url() +
        "\", credential: key } ]\n"
        "clients: [ { name: app, keys: [ test-key ] } ]\n"
        "limits: { " +
        limits + " }\n");
  }
  /// Begins an answer of a gigabyte and writes as fast as it is taken, until the gateway has
  /// enough.
  void begin_answer() {
    auto connection = std::make_shared<Connection>(backend.accept());
    connection->read_until("\r\n\r\n");
    writer = std::thread([connection] {
      const std::string piece(64U << 10U, 'x');
      try {
        connection->write_raw("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
        for (;;)
          connection->write_raw(piece);
      } catch (const std::exception&) {
        return;
      }
    });
  }
  void expect_ended_for(Limit limit) {
    const auto slow = [](const auto& record) {
      return record.ending == telemetry::Ending::timed_out;
    };
    EXPECT_TRUE(eventually([&] {
      expect_ordinary_is_served();
      return running->process().limit_hits.hits(limit) == 1;
    })) << name_of(limit);
    EXPECT_TRUE(eventually([&] {
      const auto records = running->wait_for_records(1);
      return std::any_of(records.begin(), records.end(), slow);
    }));
  }

  HandServer backend;
  std::thread writer;
};

TEST_F(SlowReaders, WhoTakesNothingIsEnded) {
  start_with_endless_backend("write_timeout: 300ms");
  Connection slow(running->port());
  slow.write(chat("gpt-4o"));
  begin_answer();
  expect_ended_for(Limit::write_timeout);
}

TEST_F(SlowReaders, WhoTakesTooLittleIsEnded) {
  start_with_endless_backend("rate_grace: 100ms, min_write_rate: 1GiB");
  Connection slow(running->port());
  slow.write(chat("gpt-4o"));
  begin_answer();
  EXPECT_TRUE(eventually([&] {
    try {
      slow.read_bytes(64U << 10U);
    } catch (const std::exception&) {
      return true;
    }
    expect_ordinary_is_served();
    return false;
  })) << "it may read on";
  expect_ended_for(Limit::min_write_rate);
}

TEST_F(SlowReaders, WhoIsSlowButSteadyIsServed) {
  start_with_endless_backend("rate_grace: 100ms, write_timeout: 300ms, min_write_rate: 1KiB");
  Connection steady(running->port());
  steady.write(chat("gpt-4o"));
  begin_answer();
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_NO_THROW(steady.read_bytes(64U << 10U)) << i;
    if (i % 10 == 0) expect_ordinary_is_served();
  }
  steady.close();
  EXPECT_EQ(running->process().limit_hits.hits(Limit::write_timeout), 0U);
  EXPECT_EQ(running->process().limit_hits.hits(Limit::min_write_rate), 0U);
}

}  // namespace
}  // namespace spillway::integration
