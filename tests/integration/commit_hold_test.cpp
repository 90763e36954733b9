// The commit point: what a stream says before its first output can still be taken back, what comes
// after cannot, and a stream that is not whole never looks so.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"

#include <gtest/gtest.h>

#include <string>

namespace spillway::integration {
namespace {

class CommitHold : public ::testing::Test {
 protected:
  void fault_everywhere(std::string_view fault) {
    for (const char* name : {"ptu", "east", "west"})
      simulator->set_fault(name, fault);
  }

  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  RunningGateway gateway{gateway_yaml(*simulator)};
};

TEST_F(CommitHold, AnErrorEventBeforeOutputIsAnsweredByAnotherBackend) {
  for (const Request& request : {chat("gpt-4o", kStream), chat_v1("gpt-4o", kStream)}) {
    simulator->set_fault("ptu", "error_event times=1 body=server_error");
    const Answer answer = send(gateway.port(), request);
    EXPECT_EQ(answer.status, 200U) << answer.body;
    EXPECT_TRUE(answer.is_complete);
    EXPECT_NE(answer.header("x-spillway-backend"), "ptu") << answer.body;
    EXPECT_EQ(answer.body.find("\"error\":{"), std::string::npos) << answer.body;
    simulator->clear_faults("ptu");
  }
  for (const auto& record : gateway.wait_for_records(2)) {
    ASSERT_EQ(record.attempts.size(), 2U);
    EXPECT_EQ(record.attempts[0].outcome, "fault");
    EXPECT_NE(record.attempts[0].reason.find("error event"), std::string::npos);
  }
}

TEST_F(CommitHold, ARateLimitInsideAStreamOpensTheBreakerLikeA429) {
  simulator->set_fault("ptu", "error_event times=1 body=too_many_requests");
  EXPECT_NE(send(gateway.port(), chat("gpt-4o", kStream)).header("x-spillway-backend"), "ptu");
  gateway.wait_for_event("breaker_opened");
  EXPECT_NE(send(gateway.port(), chat("gpt-4o", kStream)).header("x-spillway-backend"), "ptu");
  EXPECT_EQ(simulator->requests("ptu").size(), 1U) << "left alone until its time";
  const auto record = gateway.wait_for_records(1).front();
  EXPECT_EQ(record.attempts[0].outcome, "throttled");
  EXPECT_EQ(record.attempts[0].status, 429U);
}

TEST_F(CommitHold, WithNobodyLeftTheErrorIsARealStatusAndNo200) {
  fault_everywhere("error_event body=too_many_requests");
  const Answer throttled = send(gateway.port(), chat("gpt-4o", kStream));
  EXPECT_EQ(throttled.status, 429U);
  EXPECT_EQ(throttled.header("x-spillway-error"), "spillway_pool_throttled");
}

TEST_F(CommitHold, ServerErrorsInsideEveryStreamAreA503) {
  fault_everywhere("error_event body=server_error");
  const Answer failed = send(gateway.port(), chat("gpt-4o", kStream));
  EXPECT_EQ(failed.status, 503U);
  EXPECT_EQ(failed.header("x-spillway-error"), "spillway_pool_unavailable");
}

TEST_F(CommitHold, AnErrorEventAfterOutputIsPassedOnAsItCame) {
  simulator->set_fault("ptu", "error_event after_events=3 body=server_error");
  const Answer answer = send(gateway.port(), chat("gpt-4o", kStream));
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.header("x-spillway-backend"), "ptu");
  EXPECT_NE(answer.body.find("\"error\""), std::string::npos);
  EXPECT_TRUE(answer.is_complete) << "the backend ended it, not we";
  EXPECT_EQ(gateway.wait_for_records(1).front().attempts.size(), 1U);
}

TEST_F(CommitHold, AStreamThatDoesNotComeToItsOutputIsCommittedInTime) {
  GatewayYaml changes;
  changes.pool_extra = "commit_hold: { time: 20ms }";
  RunningGateway hasty(gateway_yaml(*simulator, changes));
  simulator->set_fault("ptu", "stall_mid_stream after_events=1");
  Connection client(hasty.port());
  client.write(chat("gpt-4o", kStream));
  const std::string received = client.read_until("}\n\n");
  EXPECT_EQ(count(received, "data: {"), 1U) << "the preamble, though nothing follows it";
}

TEST_F(CommitHold, WithoutAHoldEveryEventGoesAtOnce) {
  GatewayYaml changes;
  changes.pool_extra = "commit_hold: { events: 0 }";
  RunningGateway eager(gateway_yaml(*simulator, changes));
  simulator->set_fault("ptu", "error_event body=server_error");
  const Answer answer = send(eager.port(), chat("gpt-4o", kStream));
  EXPECT_EQ(answer.status, 200U) << "committed before the error came";
}

TEST_F(CommitHold, AStreamWithoutItsMarkButWithAFinishReasonIsWhole) {
  simulator->set_fault("ptu", "no_done");
  const Answer answer = send(gateway.port(), chat("gpt-4o", kStream));
  EXPECT_TRUE(answer.is_complete);
  EXPECT_EQ(answer.body.find("[DONE]"), std::string::npos);
  EXPECT_NE(answer.body.find("\"finish_reason\":\"stop\""), std::string::npos);
}

TEST_F(CommitHold, SilenceInACommittedStreamIsFilledWithComments) {
  GatewayYaml changes;
  changes.pool_extra = "sse_keepalive: 1s";
  RunningGateway patient(gateway_yaml(*simulator, changes));
  simulator->set_fault("ptu", "stall_mid_stream after_events=4");
  Connection client(patient.port());
  client.write(chat("gpt-4o", kStream));
  const std::string received = client.read_until(": keep-alive\n\n", 2);
  EXPECT_EQ(count(received, "data: {"), 4U);
}

TEST_F(CommitHold, WhatAnAnswerSaysOfTheGatewayCanBeSwitchedOff) {
  GatewayYaml changes;
  changes.server_extra = "response_headers: { request_id: false, backend: false, attempts: false }";
  RunningGateway silent(gateway_yaml(*simulator, changes));
  const Answer answer = send(silent.port(), chat("gpt-4o"));
  EXPECT_EQ(answer.status, 200U);
  for (const auto& [name, value] : answer.headers) {
    EXPECT_NE(name.substr(0, 11), "x-spillway-") << name << ": " << value;
  }
}

}  // namespace
}  // namespace spillway::integration
