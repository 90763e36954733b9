#include "simulator/answers_audio.hpp"

#include "simulator/responses_dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using nlohmann::json;

class Audio : public testing::Test {
 protected:
  Question question(const std::vector<FormPart>& fields) {
    Request request;
    request.form = fields;
    FormPart file;
    file.name = "file";
    file.file_name = "a.wav";
    file.bytes = 5'000;
    request.form.push_back(file);
    Question made;
    made.prompt = read_prompt(request);
    made.deployment = &deployment_;
    made.seed = 7;
    made.tokens = 3;
    return made;
  }

  static FormPart field(const std::string& name, const std::string& value) {
    FormPart part;
    part.name = name;
    part.content = value;
    return part;
  }

  Deployment deployment_;
};

TEST_F(Audio, ATranscriptionHasUsageInTokensOrOfWhisperInSeconds) {
  const auto tokens = json::parse(answer_transcription(question({})).body)["usage"];
  EXPECT_EQ(tokens["type"], "tokens");
  EXPECT_EQ(tokens["output_tokens"], 3);
  deployment_.model = "whisper-001";
  const auto usage = json::parse(answer_transcription(question({})).body)["usage"];
  EXPECT_EQ(usage["type"], "duration");
  EXPECT_EQ(usage["seconds"], 6);
}

TEST_F(Audio, ATranscriptionComesAsTextOrAsAStreamWhenAskedTo) {
  const auto text = answer_transcription(question({field("response_format", "text")}));
  EXPECT_THAT(text.headers[0].value, testing::StartsWith("text/plain"));
  const auto stream = answer_transcription(question({field("stream", "true")}));
  ASSERT_EQ(stream.events.size(), 5U);
  EXPECT_EQ(json::parse(data_of(stream.events[3].text))["type"], "transcript.text.done");
  EXPECT_EQ(stream.events[4].text, "data: [DONE]\n\n");
}

TEST_F(Audio, SpeechIsBytesOrEvents) {
  auto asked = question({});
  const auto bytes = answer_speech(asked);
  EXPECT_EQ(bytes.headers[0].value, "audio/mpeg");
  EXPECT_EQ(bytes.body.size(), 3U * 480U);
  asked.prompt.stream_format = "sse";
  const auto events = answer_speech(asked).events;
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(json::parse(data_of(events[3].text))["usage"]["output_tokens"], 3);
}

}  // namespace
}  // namespace spillway::simulator
