// The table of docs/failover.md, row by row, for plain and streamed calls: what an answer does to
// the breaker, whether the request moves, and what the caller gets.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <ostream>
#include <string>
#include <string_view>
#include <tuple>

namespace spillway::integration {
namespace {

using Json = nlohmann::json;

struct Row {
  const char* name;
  const char* fault;    // of the first member
  const char* breaker;  // why its breaker opened; empty: it did not
  bool moves;           // to the next member, which answers 200
  unsigned status;      // what the caller gets
};

std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << row.name;
}

enum class Call { plain, streamed };

// One failure is enough for the breaker, so that each row shows whether it counts.
constexpr auto kPool =
    "{ faults: { failure_condition: { statuses: [408, 500-599],"
    " error_reasons: [connect, tls, timeout, reset], count: 1, interval: 30s } } }";

class BlameMatrix : public ::testing::TestWithParam<std::tuple<Row, Call>> {
 protected:
  static GatewayYaml changes() {
    GatewayYaml made;
    made.pool_extra = std::string("circuit_breaker: ") + kPool;
    const bool is_stall = std::string_view(std::get<0>(GetParam()).fault).starts_with("stall");
    const bool is_waited_for = is_stall && std::get<0>(GetParam()).breaker[0] != '\0';
    if (is_waited_for) made.pool_extra += "\n    timeouts: { first_byte: 300ms, idle: 300ms }";
    return made;
  }
  [[nodiscard]] bool is_streamed() const { return std::get<1>(GetParam()) == Call::streamed; }
  [[nodiscard]] Request request() const {
    return chat("gpt-4o", is_streamed() ? ",\"stream\":true" : "");
  }
  /// `throttle: 429`; empty: closed.
  [[nodiscard]] std::string breaker_reason() const {
    const Json status = Json::parse(get(gateway.admin_port(), "/status").body);
    for (const Json& deployment : status.at("pools").at(0).at("members").at(0).at("deployments")) {
      if (deployment.at("name") == "gpt-4o-ptu" && deployment.at("state") != "closed") {
        return deployment.at("reason");
      }
    }
    return "";
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  RunningGateway gateway{gateway_yaml(*simulator, changes())};
};

using BeforeOutput = BlameMatrix;

TEST_P(BeforeOutput, BreakerRetryAndBlame) {
  const Row& row = std::get<0>(GetParam());
  simulator->set_fault("ptu", row.fault);
  const Answer answer = send(gateway.port(), request());
  EXPECT_EQ(answer.status, row.status) << answer.body;
  EXPECT_TRUE(answer.is_complete);
  EXPECT_EQ(answer.header("x-spillway-backend") != "ptu", row.moves);
  EXPECT_EQ(answer.header("x-spillway-attempts"), row.moves ? "2" : "1");
  EXPECT_EQ(breaker_reason(), row.breaker);
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<Row, Call>>& info) {
  const bool is_streamed = std::get<1>(info.param) == Call::streamed;
  return std::string(std::get<0>(info.param).name) + (is_streamed ? "Streamed" : "Plain");
}

INSTANTIATE_TEST_SUITE_P(
    Failover, BeforeOutput,
    ::testing::Combine(
        ::testing::Values(
            Row{"Success", "200 times=0 path_contains=nowhere", "", false, 200},
            Row{"Redirect", "302", "", false, 302}, Row{"BadRequest", "400", "", false, 400},
            Row{"ContentFilter", "400 body=content_filter", "", false, 400},
            Row{"ContextTooLong", "400 body=context_length", "", false, 400},
            Row{"NotFound", "404 body=resource_not_found", "", false, 404},
            Row{"Conflict", "409", "", false, 409},
            Row{"ConflictWithRetryAfter", "409 retry-after=1", "", true, 200},
            Row{"TooLarge", "413", "", false, 413}, Row{"UnsupportedMedia", "415", "", false, 415},
            Row{"Unprocessable", "422", "", false, 422},
            Row{"OwnKeyRefused", "401", "credential: 401", true, 200},
            Row{"OwnRoleMissing", "403", "credential: 403", true, 200},
            Row{"MappedDeploymentMissing", "404 body=deployment_not_found", "missing: 404", true,
                200},
            Row{"RequestTimeout", "408", "throttle: 408", true, 200},
            Row{"Throttled", "429 retry-after-ms=60000", "throttle: 429", true, 200},
            Row{"ServerError", "500", "faults: 500", true, 200},
            Row{"BadGateway", "502", "faults: 502", true, 200},
            Row{"Unavailable", "503", "faults: 503", true, 200},
            Row{"GatewayTimeout", "504", "faults: 504", true, 200},
            Row{"ConnectionRefused", "down", "faults: connect_failed", true, 200},
            Row{"ResetBeforeHead", "reset_before_headers", "faults: upstream_closed", true, 200},
            Row{"ClosedBeforeHead", "close_before_headers", "faults: upstream_closed", true, 200},
            Row{"ResetInHead", "reset_mid_headers", "faults: upstream_closed", true, 200},
            Row{"NoFirstByte", "stall_before_headers", "faults: timed_out", true, 200},
            Row{"NotHttp", R"({"kind":"raw","body":"garbage\r\n\r\n"})",
                "faults: upstream_malformed", true, 200}),
        ::testing::Values(Call::plain, Call::streamed)),
    name_of);

// An error event before output counts as the status it names.
INSTANTIATE_TEST_SUITE_P(
    InsideAStream, BeforeOutput,
    ::testing::Combine(::testing::Values(Row{"ServerErrorEvent", "error_event body=server_error",
                                             "faults: 500", true, 200},
                                         Row{"RateLimitEvent", "error_event body=too_many_requests",
                                             "throttle: 429", true, 200}),
                       ::testing::Values(Call::streamed)),
    name_of);

using AfterOutput = BlameMatrix;

TEST_P(AfterOutput, NeverAgainAndVisiblyBroken) {
  const Row& row = std::get<0>(GetParam());
  simulator->set_fault("ptu", row.fault);
  const Answer answer = send(gateway.port(), request());
  EXPECT_EQ(answer.status, 200U);
  EXPECT_FALSE(answer.is_complete) << answer.body;
  EXPECT_EQ(answer.header("x-spillway-backend"), "ptu");
  const auto record = gateway.wait_for_records(1).front();
  EXPECT_EQ(record.attempts.size(), 1U);
  EXPECT_EQ(breaker_reason(), row.breaker);
}

INSTANTIATE_TEST_SUITE_P(
    Failover, AfterOutput,
    ::testing::Values(
        std::tuple(Row{"Reset", "reset_mid_stream after_events=4", "faults: upstream_closed", false,
                       200},
                   Call::streamed),
        std::tuple(Row{"Truncated", "truncate after_events=4", "faults: upstream_closed", false,
                       200},
                   Call::streamed),
        std::tuple(Row{"Idle", "stall_mid_stream after_events=4", "faults: timed_out", false, 200},
                   Call::streamed),
        std::tuple(Row{"Reset", "reset_mid_stream", "faults: upstream_closed", false, 200},
                   Call::plain),
        std::tuple(Row{"Truncated", "truncate", "faults: upstream_closed", false, 200},
                   Call::plain)),
    name_of);

using CallerGone = BlameMatrix;

TEST_P(CallerGone, IsNobodysFaultAndEndsTheBackendsWork) {
  simulator->set_fault("ptu", std::get<0>(GetParam()).fault);
  Connection client(gateway.port());
  client.write(request());
  ASSERT_TRUE(simulator->wait_for(simulator::Event::received, "ptu", 1));
  if (is_streamed()) client.read_until("}\n\n");
  client.close();
  EXPECT_TRUE(simulator->wait_for(simulator::Event::aborted, "ptu", 1));
  const auto record = gateway.wait_for_records(1).front();
  EXPECT_EQ(record.ending, telemetry::Ending::client_gone);
  EXPECT_EQ(record.attempts.size(), 1U);
  EXPECT_EQ(breaker_reason(), "");
}

INSTANTIATE_TEST_SUITE_P(
    Failover, CallerGone,
    ::testing::Values(std::tuple(Row{"WhileWaiting", "stall_before_headers", "", false, 0},
                                 Call::plain),
                      std::tuple(Row{"InAStream", "stall_mid_stream after_events=4", "", false, 0},
                                 Call::streamed)),
    name_of);

}  // namespace
}  // namespace spillway::integration
