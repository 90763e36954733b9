#include "simulator/error_events.hpp"

#include "simulator/answers_assistants.hpp"
#include "simulator/responses_dialogue.hpp"
#include "simulator/script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using nlohmann::json;
using testing::StartsWith;

Question question() {
  static const Deployment kDeployment;
  Question made;
  made.prompt = read_prompt(R"({"stream":true,"input":"hi"})");
  made.deployment = &kDeployment;
  made.seed = 7;
  made.tokens = 2;
  return made;
}

std::string event(const Reply& reply, const std::string& fault) {
  return error_event_of(parse_fault("error_event " + fault), reply, 4).text;
}

TEST(ErrorEvents, ChatHasTheErrorAsData) {
  const auto reply = answer_chat(question());
  EXPECT_THAT(event(reply, ""), StartsWith("data: {\"error\":{\"message\":"));
  EXPECT_THAT(event(reply, "shape=event"), StartsWith("event: error\ndata: {\"error\":{"));
  EXPECT_EQ(json::parse(data_of(event(reply, "body=too_many_requests")))["error"]["code"], "429");
}

TEST(ErrorEvents, ResponsesHaveAFlatANestedAndAFailedShape) {
  const auto reply = answer_response(question());
  const auto flat = json::parse(data_of(event(reply, "")));
  EXPECT_EQ(flat["code"], "server_error");
  EXPECT_EQ(flat["sequence_number"], 4);
  const auto nested = json::parse(data_of(event(reply, "body=too_many_requests")));
  EXPECT_EQ(nested["error"]["code"], "rate_limit_exceeded");
  const auto failed = json::parse(data_of(event(reply, "shape=failed body=too_many_requests")));
  EXPECT_EQ(failed["type"], "response.failed");
  EXPECT_EQ(failed["response"]["status"], "failed");
  EXPECT_EQ(failed["response"]["id"], response_id(question()));
  EXPECT_EQ(failed["response"]["error"]["code"], "rate_limit_exceeded");
}

TEST(ErrorEvents, AssistantsHaveAnErrorEventAndAFailedRun) {
  const auto reply = answer_run(question(), "run_1", "thread_1");
  EXPECT_THAT(event(reply, ""), StartsWith("event: error\ndata: {\"message\":"));
  const auto failed = event(reply, "shape=failed");
  EXPECT_THAT(failed, StartsWith("event: thread.run.failed\n"));
  EXPECT_EQ(json::parse(data_of(failed))["id"], "run_1");
}

TEST(ErrorEvents, ALiteralIsTakenAsItIs) {
  Fault fault;
  fault.body = R"({"a":1})";
  EXPECT_EQ(error_event_of(fault, answer_chat(question()), 0).text, "data: {\"a\":1}\n\n");
  fault.body = "event: x\ndata: {}";
  EXPECT_EQ(error_event_of(fault, answer_chat(question()), 0).text, "event: x\ndata: {}\n\n");
}

TEST(ErrorEvents, AnUnknownShapeIsRefused) {
  EXPECT_THROW(parse_fault("error_event shape=round"), std::invalid_argument);
}

}  // namespace
}  // namespace spillway::simulator
