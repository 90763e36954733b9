// Streams flow: event by event, byte for byte, and visibly broken when the backend breaks.

#include "integration/http_client.hpp"
#include "integration/running_gateway.hpp"
#include "integration/world.hpp"

#include <gtest/gtest.h>

#include <string>

namespace spillway::integration {
namespace {

using simulator::Event;

std::string body_behind_head(const std::string& raw) {
  return raw.substr(raw.find("\r\n\r\n") + 4);
}

Request direct_chat(std::string_view deployment, std::string_view more) {
  Request request = chat(deployment, more);
  request.headers[0] = {"api-key", "backend-key"};
  return request;
}

class Streaming : public ::testing::Test {
 protected:
  std::unique_ptr<simulator::Simulator> simulator = usual_simulator();
  RunningGateway gateway{gateway_yaml(*simulator)};
};

TEST_F(Streaming, EachEventArrivesWhileTheBackendIsSilentBehindIt) {
  // The backend says nothing after the n-th event, for ever: whatever arrives was not held back for
  // what comes next.
  for (const unsigned events : {1U, 2U, 3U, 7U}) {
    simulator->set_fault("ptu", "stall_mid_stream after_events=" + std::to_string(events));
    Connection client(gateway.port());
    client.write(chat("gpt-4o", kStream));
    const std::string received = client.read_until("}\n\n", events);
    EXPECT_EQ(count(received, "data: {"), events);
    client.close();
    ASSERT_TRUE(simulator->wait_for(Event::aborted, "ptu", 1));
    simulator->reset();
  }
}

TEST_F(Streaming, TheBytesAreThoseOfADirectCall) {
  for (const char* more :
       {"", kStream, ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"}) {
    const Answer direct = send(simulator->port("ptu"), direct_chat("gpt-4o-ptu", more));
    Request request = chat("gpt-4o", more);
    request.body = chat_body("gpt-4o-ptu", more);  // the simulator's ids are a hash of the body
    const Answer through = send(gateway.port(), request);
    ASSERT_EQ(direct.status, 200U) << direct.body;
    ASSERT_EQ(through.status, 200U) << through.body;
    EXPECT_EQ(without_null_usage(through.body), without_null_usage(direct.body));
    EXPECT_TRUE(through.is_complete);
    EXPECT_EQ(through.header("content-type"), direct.header("content-type"));
    EXPECT_EQ(through.header("x-spillway-backend"), "ptu");
    EXPECT_EQ(through.header("x-spillway-attempts"), "1");
  }
}

TEST_F(Streaming, ADrippingBackendLosesNoByte) {
  const Answer direct = send(simulator->port("ptu"), direct_chat("gpt-4o-ptu", kStream));
  simulator->set_fault("ptu", "drip");
  Request request = chat("gpt-4o", kStream);
  request.body = chat_body("gpt-4o-ptu", kStream);
  EXPECT_EQ(without_null_usage(send(gateway.port(), request).body), direct.body);
}

TEST_F(Streaming, ABrokenStreamEndsWithAnErrorEventAndWithoutALastChunk) {
  simulator->set_fault("ptu", "truncate after_events=3");
  Connection client(gateway.port());
  client.write(chat("gpt-4o", kStream));
  const std::string raw = client.read_to_end();
  EXPECT_NE(raw.find("HTTP/1.1 200"), std::string::npos);
  EXPECT_EQ(raw.find("\r\n0\r\n\r\n"), std::string::npos) << "half an answer looks whole";
  EXPECT_EQ(raw.find("[DONE]"), std::string::npos);
  const auto record = gateway.wait_for_records(1).front();
  EXPECT_EQ(record.ending, telemetry::Ending::upstream_cut);
  EXPECT_EQ(record.attempts.size(), 1U) << "never tried again after output";
}

TEST_F(Streaming, ABodyCutShortIsNotCompleteForTheCaller) {
  simulator->set_fault("ptu", "truncate");
  const Answer answer = send(gateway.port(), chat("gpt-4o"));
  EXPECT_FALSE(answer.is_complete);
  simulator->set_fault("ptu", "reset_mid_stream");
  EXPECT_FALSE(send(gateway.port(), chat("gpt-4o", kStream)).is_complete);
}

TEST_F(Streaming, ASilentBackendTimesOutVisibly) {
  GatewayYaml changes;
  changes.pool_extra = "timeouts: { idle: 100ms }";
  RunningGateway impatient(gateway_yaml(*simulator, changes));
  simulator->set_fault("ptu", "stall_mid_stream after_events=4");
  Connection client(impatient.port());
  client.write(chat("gpt-4o", kStream));
  const std::string body = body_behind_head(client.read_to_end());
  EXPECT_NE(body.find("\"error\""), std::string::npos) << body;
  EXPECT_EQ(body.find("\r\n0\r\n\r\n"), std::string::npos);
  EXPECT_EQ(impatient.wait_for_records(1).front().ending, telemetry::Ending::timed_out);
}

TEST_F(Streaming, AClientThatLeavesMidStreamEndsTheBackendsWork) {
  for (const auto how : {Connection::How::orderly, Connection::How::reset}) {
    simulator->set_fault("ptu", "stall_mid_stream after_events=2");
    Connection client(gateway.port());
    client.write(chat("gpt-4o", kStream));
    client.read_until("}\n\n");
    client.close(how);
    EXPECT_TRUE(simulator->wait_for(Event::aborted, "ptu", 1));
    simulator->reset();
  }
  const auto records = gateway.wait_for_records(2);
  EXPECT_EQ(records[0].ending, telemetry::Ending::client_gone);
  EXPECT_EQ(records[1].ending, telemetry::Ending::client_gone);
}

TEST_F(Streaming, AClientThatLeavesBeforeTheAnswerEndsTheBackendsWork) {
  simulator->set_fault("ptu", "stall_before_headers");
  Connection client(gateway.port());
  client.write(chat("gpt-4o"));
  ASSERT_TRUE(simulator->wait_for(Event::received, "ptu", 1));
  client.close();
  EXPECT_TRUE(simulator->wait_for(Event::aborted, "ptu", 1));
  const auto record = gateway.wait_for_records(1).front();
  EXPECT_EQ(record.ending, telemetry::Ending::client_gone);
  EXPECT_EQ(record.attempts.size(), 1U) << "nobody else is asked for a caller who left";
  simulator->reset();
  EXPECT_EQ(send(gateway.port(), chat("gpt-4o")).header("x-spillway-backend"), "ptu")
      << "a caller who left is no fault of the backend";
}

}  // namespace
}  // namespace spillway::integration
