#include "simulator/realtime_dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using nlohmann::json;

std::vector<std::string> types_of(const std::vector<Frame>& frames) {
  std::vector<std::string> types;
  for (const auto& frame : frames)
    types.push_back(json::parse(frame.payload)["type"]);
  return types;
}

Deployment deployment() {
  Deployment made;
  made.name = "rt";
  made.kind = DeploymentKind::realtime;
  made.answer_tokens = 2;
  return made;
}

TEST(RealtimeDialogue, BeginsWithTheSessionAndUpdatesIt) {
  const auto settings = deployment();
  RealtimeDialogue dialogue(settings, Surface::v1, 7);
  EXPECT_THAT(types_of(dialogue.open()), testing::ElementsAre("session.created"));
  const auto updated =
      dialogue.hear(R"({"type":"session.update","session":{"instructions":"Be brief."}})");
  ASSERT_THAT(types_of(updated), testing::ElementsAre("session.updated"));
  EXPECT_EQ(json::parse(updated[0].payload)["session"]["instructions"], "Be brief.");
}

TEST(RealtimeDialogue, AResponseInTextGoesFromCreatedToDoneWithUsage) {
  const auto settings = deployment();
  RealtimeDialogue dialogue(settings, Surface::v1, 7);
  const auto frames =
      dialogue.hear(R"({"type":"response.create","response":{"output_modalities":["text"]}})");
  EXPECT_THAT(types_of(frames),
              testing::ElementsAre("response.created", "rate_limits.updated",
                                   "response.output_item.added", "response.content_part.added",
                                   "response.output_text.delta", "response.output_text.delta",
                                   "response.output_text.done", "response.content_part.done",
                                   "response.output_item.done", "response.done"));
  const auto usage = json::parse(frames.back().payload)["response"]["usage"];
  EXPECT_EQ(usage["output_tokens"], 2);
  EXPECT_EQ(usage["total_tokens"], usage["input_tokens"].get<int>() + 2);
}

TEST(RealtimeDialogue, SpeaksTheNamesOfThePreviewOnTheDatedApi) {
  const auto settings = deployment();
  RealtimeDialogue dialogue(settings, Surface::classic, 7);
  const auto types =
      types_of(dialogue.hear(R"({"type":"response.create","response":{"modalities":["audio"]}})"));
  EXPECT_THAT(types, testing::Contains("response.audio.delta"));
  EXPECT_THAT(types, testing::Contains("response.audio_transcript.done"));
}

TEST(RealtimeDialogue, AnswersMistakesWithAnErrorEvent) {
  const auto settings = deployment();
  RealtimeDialogue dialogue(settings, Surface::v1, 7);
  for (const auto* text : {"nonsense", "{}", R"({"type":"sing"})", R"({"type":3})"})
    EXPECT_THAT(types_of(dialogue.hear(text)), testing::ElementsAre("error")) << text;
}

}  // namespace
}  // namespace spillway::simulator
