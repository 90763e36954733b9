#include "support/wire_sample.hpp"
#include <spillway/aoai/answer_reader.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>
#include <zlib.h>

namespace spillway::aoai {
namespace {

constexpr auto kStream = AnswerForm::event_stream;
constexpr auto kChat = StreamShape::chat;
constexpr auto kResponses = StreamShape::responses;
constexpr auto kAssistants = StreamShape::assistants;
constexpr auto kOther = StreamShape::other;

AnswerReader reader_of(StreamShape shape, std::string_view bytes, std::size_t step = 0) {
  AnswerReader reader(kStream, shape);
  if (step == 0) step = bytes.size() + 1;
  for (std::size_t i = 0; i < bytes.size(); i += step)
    reader.observe(bytes.substr(i, step));
  return reader;
}

std::string event(std::string_view data, std::string_view name = {}) {
  std::string text;
  if (!name.empty()) text = "event: " + std::string(name) + "\n";
  return text + "data: " + std::string(data) + "\n\n";
}

// Everything a reader can be asked, in one line.
std::string answers_of(const AnswerReader& reader) {
  std::string text = std::to_string(reader.event_count());
  text += reader.is_between_events() ? " between" : " inside";
  text += reader.has_output() ? " output" : " silent";
  text += reader.is_complete() ? " complete" : " open";
  if (const StreamError* error = reader.error()) {
    text += " error " + std::to_string(error->status) + " " + error->code + "/" + error->type;
    text += error->came_before_output ? " early" : " late";
  }
  const Usage& usage = reader.usage();
  if (usage.is_known) {
    text += " usage " + std::to_string(usage.input_tokens) + "+" +
            std::to_string(usage.output_tokens) + "=" + std::to_string(usage.total_tokens);
  }
  return text;
}

struct Sample {
  StreamShape shape;
  const char* name;
  std::string_view answers;
};

const Sample kSamples[] = {
    {kChat, "chat/stream-default.sse", "14 between output complete"},
    {kChat, "chat/stream-usage.sse", "15 between output complete usage 25+10=35"},
    {kChat, "chat/stream-usage-obfuscation.sse", "15 between output complete usage 25+10=35"},
    {kChat, "chat/stream-tool-calls.sse", "14 between output complete usage 71+19=90"},
    {kChat, "chat/stream-old-api.sse", "14 between output complete"},
    {kChat, "chat/stream-async-filter.sse", "16 between output complete"},
    {kChat, "chat/stream-async-filter-cut.sse", "11 between output complete"},
    {kChat, "chat/stream-content-filter-cut.sse", "7 between output complete"},
    {kChat, "chat/stream-length.sse", "8 between output complete"},
    {kChat, "chat/stream-dataless-event.sse", "14 between output complete"},
    {kChat, "chat/stream-parser-torture.sse", "6 between output complete"},
    {kChat, "chat/stream-truncated.sse", "5 inside output open"},
    {kChat, "chat/stream-midstream-error.sse",
     "6 between output complete error 500 /server_error late"},
    {kChat, "completions/stream.sse", "7 between output complete"},
    {kResponses, "responses/stream.sse", "18 between output complete usage 25+10=35"},
    {kResponses, "responses/stream-function-call.sse", "9 between output complete usage 71+19=90"},
    {kResponses, "responses/stream-incomplete.sse", "9 between output complete usage 25+4=29"},
    {kResponses, "responses/stream-resumed-after-5.sse",
     "12 between output complete usage 25+10=35"},
    {kResponses, "responses/stream-failed.sse",
     "3 between silent complete error 500 server_error/ early"},
    {kResponses, "responses/stream-failed-rate-limit.sse",
     "3 between silent complete error 429 rate_limit_exceeded/ early"},
    {kResponses, "responses/stream-inband-429-standard.sse",
     "2 between silent complete error 429 rate_limit_exceeded/too_many_requests early"},
    {kResponses, "responses/stream-inband-429-ptu.sse",
     "3 between silent complete error 429 rate_limit_reached/too_many_requests early"},
    {kResponses, "responses/stream-error-flat.sse",
     "2 between silent complete error 500 server_error/ early"},
    {kOther, "audio/transcription-stream.sse", "4 between output complete usage 14+6=20"},
};

TEST(AnswerReader, ReadsTheWireSamplesInAnySplit) {
  for (const Sample& sample : kSamples) {
    const std::string bytes = test::read_wire_sample(sample.name);
    for (const std::size_t step :
         {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{100}})
      EXPECT_EQ(answers_of(reader_of(sample.shape, bytes, step)), sample.answers)
          << sample.name << " by " << step;
  }
}

TEST(AnswerReader, EverySplitPositionGivesTheSame) {
  for (const Sample& sample : kSamples) {
    const std::string bytes = test::read_wire_sample(sample.name);
    for (std::size_t split = 0; split < bytes.size(); split += bytes.size() < 3000 ? 1 : 17) {
      AnswerReader reader(kStream, sample.shape);
      reader.observe(std::string_view(bytes).substr(0, split));
      reader.observe(std::string_view(bytes).substr(split));
      ASSERT_EQ(answers_of(reader), sample.answers) << sample.name << " at " << split;
    }
  }
}

TEST(AnswerReader, RandomSplitsAndChangedBytesGiveTheSameAsTheWhole) {
  std::mt19937 random(99);
  for (const Sample& sample : kSamples) {
    std::string bytes = test::read_wire_sample(sample.name);
    for (int round = 0; round < 30; ++round) {
      bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
      AnswerReader reader(kStream, sample.shape);
      for (std::size_t i = 0; i < bytes.size();) {
        const std::size_t length = 1 + random() % 300;
        reader.observe(std::string_view(bytes).substr(i, length));
        i += length;
      }
      ASSERT_EQ(answers_of(reader), answers_of(reader_of(sample.shape, bytes))) << sample.name;
    }
  }
}

TEST(AnswerReader, OutputBeginsWithTheFirstEventThatCarriesSome) {
  const struct {
    const Sample& sample;
    std::uint64_t silent_events;
  } rows[] = {{kSamples[0], 2},  {kSamples[3], 1},  {kSamples[4], 2},
              {kSamples[13], 1}, {kSamples[14], 2}, {kSamples[17], 0}};
  for (const auto& row : rows) {
    const std::string bytes = test::read_wire_sample(row.sample.name);
    AnswerReader reader(kStream, row.sample.shape);
    for (std::size_t i = 0; !reader.has_output(); ++i) {
      ASSERT_LT(i, bytes.size());
      EXPECT_LE(reader.event_count(), row.silent_events) << row.sample.name;
      reader.observe(std::string_view(bytes).substr(i, 1));
    }
    EXPECT_EQ(reader.event_count(), row.silent_events + 1) << row.sample.name;
  }
}

TEST(AnswerReader, TellsOutputFromWhatComesBeforeIt) {
  const struct {
    StreamShape shape;
    std::string events;
    bool has_output;
  } rows[] = {
      {kChat, "", false},
      {kChat, ": keep-alive\n\n", false},
      {kChat, "event: ping\n\n", false},
      {kChat, event(R"({"choices":[],"prompt_filter_results":[{}]})"), false},
      {kChat, event(R"({"prompt_annotations":[],"choices":[],"usage":null})"), false},
      {kChat, event(R"({"prompt_filter_results":[{}]})"), false},
      {kChat, event(R"({"choices":[{"delta":{"role":"assistant"}}]})"), false},
      {kChat, event(R"({"choices":[{"delta":{"role":"assistant","content":"","refusal":null}}]})"),
       false},
      {kChat, event(R"({"choices":[{"delta":{}}]})"), false},
      {kChat, event(R"({"choices":[{"text":"","finish_reason":null}]})"), false},
      {kChat, event(R"({"choices":[{"delta":{"role":"assistant"}},{"delta":{"content":"x"}}]})"),
       true},
      {kChat, event(R"({"choices":[{"delta":{"content":"x"}}]})"), true},
      {kChat, event(R"({"choices":[{"delta":{"content":[]}}]})"), true},
      {kChat, event(R"({"choices":[{"delta":{"refusal":"no"}}]})"), true},
      {kChat, event(R"({"choices":[{"delta":{"reasoning_content":"hm"}}]})"), true},
      {kChat, event(R"({"choices":[{"delta":{"something_new":7}}]})"), true},
      {kChat, event(R"({"choices":[{"delta":{"tool_calls":[{"index":0}]}}]})"), true},
      {kChat, event(R"({"choices":[{"delta":{"function_call":{"name":"f"}}}]})"), true},
      {kChat, event(R"({"choices":[{"delta":{},"finish_reason":"stop"}]})"), true},
      {kChat, event(R"({"choices":[{"content_filter_offsets":{}}]})"), true},
      {kChat, event(R"({"choices":[{"text":" x"}]})"), true},
      {kChat, event(R"({"choices":[7]})"), true},
      {kChat, event(R"({"choices":[]})"), true},
      {kChat, event(R"({"choices":[],"usage":{"total_tokens":1}})"), true},
      {kChat, event("[DONE]"), true},
      {kChat, event("hello"), true},
      {kChat, event("7"), true},
      {kChat, event("[]"), true},
      {kChat, event(R"({"choices":[],"prompt_filter_results":[)"), true},
      {kChat, event(R"({"error":{"code":"x"}})"), false},
      {kChat, event(R"({"error":null,"choices":[{"delta":{"content":"x"}}]})"), true},
      {kResponses, event(R"({"type":"response.created"})"), false},
      {kResponses, event(R"({"type":"response.queued"})"), false},
      {kResponses, event("{}", "response.in_progress"), false},
      {kResponses, event(R"({"type":"response.output_item.added"})"), true},
      {kResponses, event(R"({"type":"response.new_thing"})"), true},
      {kResponses, event("{}"), true},
      {kResponses, event(R"({"type":"error"})"), false},
      {kAssistants, event(R"({"object":"thread"})", "thread.created"), false},
      {kAssistants, event("{}", "thread.run.queued"), false},
      {kAssistants, event(R"({"type":"message_creation"})", "thread.run.step.created"), false},
      {kAssistants, event("{}", "thread.message.in_progress"), false},
      {kAssistants, event("{}", "thread.message.delta"), true},
      {kAssistants, event("{}"), true},
      {kAssistants, event("[DONE]", "done"), true},
      {kOther, event(R"({"type":"image_generation.partial_image"})"), true},
      {kOther, event(R"({"type":"error","message":"x"})"), false},
  };
  for (const auto& row : rows)
    EXPECT_EQ(reader_of(row.shape, row.events).has_output(), row.has_output) << row.events;
}

TEST(AnswerReader, AStreamIsCompleteWhenItsApiSaysSo) {
  const struct {
    StreamShape shape;
    std::string events;
    bool is_complete;
  } rows[] = {
      {kChat, "", false},
      {kChat, event(R"({"choices":[{"delta":{"content":"x"},"finish_reason":null}]})"), false},
      {kChat, event(R"({"choices":[{"delta":{},"finish_reason":"length"}]})"), true},
      {kChat, event("[DONE]"), true},
      {kChat, event(" [DONE] "), true},
      {kChat, event("[DONE] not"), false},
      {kChat, "data: [DONE]\n", false},
      {kChat, event(R"({"error":{"message":"x"}})"), true},
      {kResponses, event(R"({"type":"response.output_text.done"})"), false},
      {kResponses, event(R"({"type":"response.completed"})"), true},
      {kResponses, event(R"({"type":"response.incomplete"})"), true},
      {kResponses, event(R"({"type":"response.failed"})"), true},
      {kResponses, event(R"({"type":"response.cancelled"})"), true},
      {kResponses, event(R"({"type":"error","message":"x"})"), true},
      {kAssistants, event("{}", "thread.message.completed"), false},
      {kAssistants, event("{}", "thread.run.step.completed"), false},
      {kAssistants, event("{}", "thread.run.completed"), true},
      {kAssistants, event("{}", "thread.run.requires_action"), true},
      {kAssistants, event("[DONE]", "done"), true},
      {kOther, "", true},
  };
  for (const auto& row : rows)
    EXPECT_EQ(reader_of(row.shape, row.events).is_complete(), row.is_complete) << row.events;
}

TEST(AnswerReader, KeepsTheFirstErrorOfAnyDialect) {
  const struct {
    StreamShape shape;
    std::string events;
    unsigned status;
    std::string_view code, message;
  } rows[] = {
      {kChat, event(R"({"error":{"code":"429","message":"slow"}})"), 429, "429", "slow"},
      {kChat, event(R"({"error":{"code":429,"message":"slow"}})"), 429, "429", "slow"},
      {kChat, event(R"({"error":"broken"})"), 500, "", "broken"},
      {kChat, event(R"({"error":{"code":"content_filter","status":400}})"), 400, "content_filter",
       ""},
      {kChat, event("not json", "error"), 500, "", ""},
      {kChat, event(R"({"statusCode":503,"message":"away"})", "error"), 503, "", "away"},
      {kResponses, event(R"({"type":"error","error":{"code":"invalid_prompt"}})"), 400,
       "invalid_prompt", ""},
      {kResponses, event(R"({"error":{"code":"server_error"}})"), 500, "server_error", ""},
      {kResponses, event(R"({"type":"response.failed","response":{"error":null}})"), 500, "", ""},
      {kAssistants, event(R"({"error":{"type":"server_error","message":"m"}})", "error"), 500, "",
       "m"},
      {kAssistants, event(R"({"code":"rate_limit_exceeded","message":"m"})", "error"), 429,
       "rate_limit_exceeded", "m"},
      {kAssistants,
       event(R"({"status":"failed","last_error":{"code":"rate_limit_exceeded","message":"m"}})",
             "thread.run.failed"),
       429, "rate_limit_exceeded", "m"},
      {kOther, event(R"({"type":"error","error":{"code":"NoCapacity"}})"), 429, "NoCapacity", ""},
  };
  for (const auto& row : rows) {
    const std::string events = row.events + event(R"({"type":"error","error":{"code":"second"}})");
    const AnswerReader reader = reader_of(row.shape, events, 3);
    ASSERT_NE(reader.error(), nullptr) << row.events;
    EXPECT_EQ(reader.error()->status, row.status) << row.events;
    EXPECT_EQ(reader.error()->code, row.code) << row.events;
    EXPECT_EQ(reader.error()->message, row.message) << row.events;
    EXPECT_TRUE(reader.error()->came_before_output) << row.events;
  }
}

TEST(AnswerReader, TakesTheDelayOutOfTheErrorsHeaders) {
  const AnswerReader reader = reader_of(
      kResponses,
      event(R"({"type":"error","error":{"code":"rate_limit_exceeded","headers":{)"
            R"("x-ms-fe-error":"true","Retry-After":7,"retry-after-ms":"6500","retry-after":"9",)"
            R"("x-ratelimit-reset-tokens":"1s"}}})"));
  ASSERT_NE(reader.error(), nullptr);
  const auto& headers = reader.error()->headers;
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[0].name, "retry-after");
  EXPECT_EQ(headers[0].value, "7");
  EXPECT_EQ(headers[1].name, "retry-after-ms");
  EXPECT_EQ(headers[1].value, "6500");
  EXPECT_EQ(headers[2].name, "x-ratelimit-reset-tokens");
}

TEST(AnswerReader, ALongMessageIsCut) {
  const AnswerReader reader =
      reader_of(kChat, event(R"({"error":{"message":")" + std::string(5000, 'x') + R"("}})"), 100);
  ASSERT_NE(reader.error(), nullptr);
  EXPECT_EQ(reader.error()->message, std::string(256, 'x'));
}

TEST(AnswerReader, EstimatesFromTheCharactersOfTheOutput) {
  const struct {
    StreamShape shape;
    std::string events;
    std::uint64_t output;
  } rows[] = {
      {kChat, "", 0},
      {kChat, event(R"({"choices":[{"delta":{"role":"assistant","content":""}}]})"), 0},
      {kChat, event(R"({"choices":[{"delta":{"content":"12345"}}]})"), 2},
      {kChat, event(R"({"choices":[{"delta":{"content":"\u00e9é😀x"}}]})"), 1},
      {kChat,
       event(R"({"choices":[{"delta":{"content":"1234"}},{"delta":{"refusal":"1234"}}]})") +
           event(R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"1234"}}]}}]})") +
           event(R"({"choices":[{"text":"1234"}]})"),
       4},
      {kResponses, event(R"({"type":"response.output_text.delta","delta":"12345678"})"), 2},
      {kResponses, event(R"({"delta":"12345678","type":"response.function_call_arguments.delta"})"),
       2},
      {kResponses, event(R"({"delta":"AAAAAAAA","type":"response.audio.delta"})"), 0},
      {kResponses, event(R"({"delta":"1234","type":"response.audio_transcript.delta"})"), 1},
      {kResponses, event(R"({"type":"response.output_text.done","text":"12345678"})"), 0},
      {kAssistants,
       event(R"({"delta":{"content":[{"text":{"value":"12345678"}}]}})", "thread.message.delta"),
       2},
      {kOther, event(R"({"type":"transcript.text.delta","delta":"1234"})"), 1},
  };
  for (const auto& row : rows) {
    const Usage guess = reader_of(row.shape, row.events, 2).estimate(10);
    EXPECT_EQ(guess.output_tokens, row.output) << row.events;
    EXPECT_EQ(guess.input_tokens, 3U);
    EXPECT_TRUE(guess.is_estimated);
  }
}

TEST(AnswerReader, AnEstimateOfAWholeStreamIsNearTheTruth) {
  const std::string bytes = test::read_wire_sample("chat/stream-usage.sse");
  const AnswerReader reader = reader_of(kChat, bytes);
  EXPECT_NEAR(static_cast<double>(reader.estimate(0).output_tokens),
              static_cast<double>(reader.usage().output_tokens), 5);
  EXPECT_FALSE(reader.usage().is_estimated);
}

TEST(AnswerReader, OfABodyItReadsUsageOnly) {
  AnswerReader reader(AnswerForm::json, kChat);
  EXPECT_FALSE(reader.has_output());
  EXPECT_TRUE(reader.is_complete());
  const std::string body = test::read_wire_sample("chat/completion-tool-call.json");
  for (const char& c : body)
    reader.observe({&c, 1});
  EXPECT_TRUE(reader.has_output());
  EXPECT_FALSE(reader.is_between_events());
  EXPECT_EQ(reader.error(), nullptr);
  EXPECT_EQ(reader.usage().total_tokens, 90U);
}

TEST(AnswerReader, WhatIsOpaqueIsLetThrough) {
  AnswerReader reader(AnswerForm::opaque, kOther);
  reader.observe(R"({"usage":{"total_tokens":5}})");
  EXPECT_TRUE(reader.has_output());
  EXPECT_TRUE(reader.is_complete());
  EXPECT_FALSE(reader.is_between_events());
  EXPECT_FALSE(reader.usage().is_known);
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(AnswerReader, ReadsWhatIsEncodedButPutsNothingIntoIt) {
  for (const Sample& sample : kSamples) {
    const std::string bytes = test::read_wire_sample(sample.name);
    const std::string encoded = gzip(bytes);
    AnswerReader reader(kStream, sample.shape, "gzip");
    for (std::size_t i = 0; i < encoded.size(); i += 10)
      reader.observe(std::string_view(encoded).substr(i, 10));
    EXPECT_FALSE(reader.is_between_events());
    std::string expected(sample.answers);
    if (const auto at = expected.find(" between"); at != std::string::npos) {
      expected.replace(at, 8, " inside");
    }
    EXPECT_EQ(answers_of(reader), expected) << sample.name;
  }
}

TEST(AnswerReader, WhatCannotBeDecodedIsLetThrough) {
  for (const std::string_view coding : {"br", "zstd", "gzip"}) {
    AnswerReader reader(kStream, kChat, coding);
    reader.observe("this is not what it was said to be");
    EXPECT_TRUE(reader.has_output()) << coding;
    EXPECT_TRUE(reader.is_complete()) << coding;
    EXPECT_FALSE(reader.usage().is_known) << coding;
  }
  AnswerReader plain(kStream, kChat, "identity");
  plain.observe(event("[DONE]"));
  EXPECT_TRUE(plain.is_between_events());
}

}  // namespace
}  // namespace spillway::aoai
