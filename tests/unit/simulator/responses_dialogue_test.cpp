#include "simulator/responses_dialogue.hpp"

#include "simulator/errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

Reply two_events() {
  Reply reply = json_reply(200, "");
  reply.events.push_back({milliseconds(0),
                          "event: a\ndata: {\"type\":\"a\",\"response\":{\"id\":\"resp_1\"}}\n\n",
                          {}});
  reply.events.push_back({milliseconds(5), "event: b\ndata: {\"type\":\"b\"}\n\n", {}});
  return reply;
}

TEST(ResponsesDialogue, SendsTheEventsOfTheStreamAsMessages) {
  std::string asked;
  ResponsesDialogue dialogue([&asked](const std::string& body, const std::string&) {
    asked = body;
    return two_events();
  });
  const auto frames = dialogue.hear(R"({"type":"response.create","model":"m","input":"hi"})");
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[1].payload, R"({"type":"b"})");
  EXPECT_EQ(frames[1].delay, milliseconds(5));
  EXPECT_EQ(json::parse(asked), json::parse(R"({"model":"m","input":"hi","stream":true})"));
}

TEST(ResponsesDialogue, TheLatestResponseIsKnownToItsConnection) {
  std::vector<std::string> known;
  ResponsesDialogue dialogue([&known](const std::string&, const std::string& id) {
    known.push_back(id);
    return two_events();
  });
  dialogue.hear(R"({"type":"response.create"})");
  dialogue.hear(R"({"type":"response.create"})");
  EXPECT_THAT(known, testing::ElementsAre("", "resp_1"));
}

TEST(ResponsesDialogue, ARefusalBecomesAnErrorMessageWithItsStatus) {
  ResponsesDialogue dialogue(
      [](const std::string&, const std::string&) { return error_reply("token_rate_limit"); });
  const auto frames = dialogue.hear(R"({"type":"response.create"})");
  ASSERT_EQ(frames.size(), 1U);
  const auto message = json::parse(frames[0].payload);
  EXPECT_EQ(message["type"], "error");
  EXPECT_EQ(message["status"], 429);
  EXPECT_EQ(message["error"]["code"], "429");
}

TEST(ResponsesDialogue, AnswersWhatItDoesNotKnowWithAnError) {
  ResponsesDialogue dialogue([](const std::string&, const std::string&) { return two_events(); });
  for (const auto* text : {"nonsense", "{}", R"({"type":"response.cancel"})"}) {
    const auto frames = dialogue.hear(text);
    ASSERT_EQ(frames.size(), 1U) << text;
    EXPECT_EQ(json::parse(frames[0].payload)["status"], 400) << text;
  }
}

}  // namespace
}  // namespace spillway::simulator
