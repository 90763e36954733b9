// A kept connection that its backend gives up at the very moment that the next request comes on it:
// the one failure of a backend that is repeated on it for nothing, as it says nothing of it.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"

#include <gtest/gtest.h>

#include <string>

namespace spillway::integration {
namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// One backend, played by the test: there is no other member to go to.
class StaleConnection : public ::testing::Test {
 protected:
  /// The backend's side of a connection on which one request was answered, and the next has come.
  Connection ask_twice(Connection& client) {
    client.write(chat("gpt-4o"));
    Connection kept = backend.accept();
    kept.read_until(chat_body("gpt-4o"));
    kept.drop_received();
    kept.write_raw(kAnswer);
    EXPECT_EQ(client.read().status, 200U);
    client.write(chat("gpt-4o"));
    kept.read_until(chat_body("gpt-4o"));
    return kept;
  }

  HandServer backend;
  RunningGateway gateway{hand_yaml(backend.url())};
};

class EndOfStaleConnection : public StaleConnection,
                             public ::testing::WithParamInterface<Connection::How> {};

TEST_P(EndOfStaleConnection, IsRepeatedOnAFreshOne) {
  Connection client(gateway.port());
  Connection kept = ask_twice(client);
  kept.close(GetParam());
  Connection fresh = backend.accept();
  fresh.read_until(chat_body("gpt-4o"));
  fresh.write_raw(kAnswer);
  EXPECT_EQ(client.read().status, 200U);

  const telemetry::AccessRecord record = gateway.wait_for_records(2).back();
  ASSERT_EQ(record.attempts.size(), 2U);
  EXPECT_EQ(record.attempts[0].outcome, "fault");
  EXPECT_TRUE(record.attempts[0].is_reused);
  EXPECT_FALSE(record.attempts[1].is_reused);
}

INSTANTIATE_TEST_SUITE_P(Ends, EndOfStaleConnection,
                         ::testing::Values(Connection::How::orderly, Connection::How::reset));

TEST_F(StaleConnection, ThatHasBegunToAnswerIsNotRepeatedOnTheSameBackend) {
  Connection client(gateway.port());
  Connection kept = ask_twice(client);
  kept.write_raw("HTTP/1.1 2");
  kept.end_sending();
  EXPECT_GE(client.read().status, 500U);
  EXPECT_EQ(gateway.wait_for_records(2).back().attempts.size(), 1U);
}

}  // namespace
}  // namespace spillway::integration
