#include "simulator/responses_api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using nlohmann::json;

class ResponsesOfAnEndpoint : public testing::Test {
 protected:
  ResponsesOfAnEndpoint() { sight_.now = SteadyTime(milliseconds(1'000)); }

  Question question(const std::string& extra) {
    Question made;
    made.prompt = read_prompt(R"({"model":"gpt-4o","input":"hi")" + extra + "}");
    made.deployment = &deployment_;
    made.endpoint = "east";
    made.seed = 7;
    made.tokens = 3;
    return made;
  }

  Reply act(Operation operation, const std::string& query = {}) {
    Request request;
    request.target = "/openai/v1/responses/x" + query;
    Call call;
    call.operation = operation;
    call.id = response_id(question(""));
    return api_.act(request, call, sight_);
  }

  static std::string status_of(const Reply& reply) { return json::parse(reply.body)["status"]; }

  Deployment deployment_;
  StoredObjects objects_;
  Sight sight_;
  ResponsesApi api_{objects_, milliseconds(0)};
};

TEST_F(ResponsesOfAnEndpoint, ABackgroundResponseGetsOnWithEachLook) {
  EXPECT_EQ(status_of(api_.create(question(R"(,"background":true)"), sight_)), "queued");
  EXPECT_EQ(status_of(act(Operation::get_response)), "in_progress");
  EXPECT_EQ(status_of(act(Operation::get_response)), "completed");
  EXPECT_EQ(status_of(act(Operation::cancel_response)), "completed");
}

TEST_F(ResponsesOfAnEndpoint, OnlyABackgroundResponseCanBeCancelled) {
  api_.create(question(R"(,"background":true)"), sight_);
  EXPECT_EQ(status_of(act(Operation::cancel_response)), "cancelled");
  api_.create(question(""), sight_);
  EXPECT_EQ(act(Operation::cancel_response).status, 400U);
}

TEST_F(ResponsesOfAnEndpoint, ShowsItsInputAndIsGoneWhenDeleted) {
  api_.create(question(""), sight_);
  const auto items = json::parse(act(Operation::get_input_items).body);
  EXPECT_EQ(items["data"][0]["content"][0]["text"], "hi");
  EXPECT_EQ(act(Operation::delete_response).status, 200U);
  EXPECT_EQ(act(Operation::get_response).status, 404U);
  EXPECT_EQ(act(Operation::get_input_items).status, 404U);
}

TEST_F(ResponsesOfAnEndpoint, IsNotRememberedWhenItShallNotBeStored) {
  api_.create(question(R"(,"store":false)"), sight_);
  EXPECT_EQ(act(Operation::get_response).status, 404U);
}

TEST_F(ResponsesOfAnEndpoint, AStreamCanBeResumed) {
  const auto made = api_.create(question(R"(,"stream":true)"), sight_);
  const auto resumed = act(Operation::get_response, "?stream=true&starting_after=4");
  ASSERT_EQ(resumed.events.size(), made.events.size() - 5);
  EXPECT_EQ(resumed.events[0].text, made.events[5].text);
}

TEST_F(ResponsesOfAnEndpoint, IsUnknownForTheReplicationLag) {
  ResponsesApi late(objects_, milliseconds(200));
  late.create(question(""), sight_);
  EXPECT_EQ(act(Operation::get_response).status, 404U);
  sight_.now += milliseconds(200);
  EXPECT_EQ(act(Operation::get_response).status, 200U);
}

}  // namespace
}  // namespace spillway::simulator
