#include "support/wire_sample.hpp"
#include <spillway/aoai/usage.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace spillway::aoai {
namespace {

Usage known(std::uint64_t input, std::uint64_t output, std::uint64_t total) {
  Usage usage;
  usage.input_tokens = input;
  usage.output_tokens = output;
  usage.total_tokens = total;
  usage.is_known = true;
  return usage;
}

Usage sample(const std::string& name) {
  return read_usage(test::read_wire_sample(name));
}

TEST(Usage, OfChat) {
  EXPECT_EQ(sample("chat/completion.json"), known(25, 10, 35));
  Usage reasoning = known(2310, 202, 2512);
  reasoning.cached_tokens = 2176;
  reasoning.reasoning_tokens = 192;
  EXPECT_EQ(sample("chat/completion-reasoning.json"), reasoning);
}

TEST(Usage, OfPredictedAndSpokenChat) {
  const Usage usage =
      read_usage(R"({"usage":{"prompt_tokens":9,"completion_tokens":8,"total_tokens":17,)"
                 R"("completion_tokens_details":{"accepted_prediction_tokens":3,"audio_tokens":4,)"
                 R"("rejected_prediction_tokens":1},"prompt_tokens_details":{"audio_tokens":5,)"
                 R"("cached_tokens":2}}})");
  EXPECT_EQ(usage.accepted_prediction_tokens, 3U);
  EXPECT_EQ(usage.rejected_prediction_tokens, 1U);
  EXPECT_EQ(usage.output_audio_tokens, 4U);
  EXPECT_EQ(usage.input_audio_tokens, 5U);
  EXPECT_EQ(usage.cached_tokens, 2U);
}

TEST(Usage, OfResponses) {
  EXPECT_EQ(sample("responses/response.json"), known(25, 10, 35));
  Usage cached = known(2310, 74, 2384);
  cached.cached_tokens = 2048;
  cached.cache_write_tokens = 128;
  cached.reasoning_tokens = 64;
  EXPECT_EQ(sample("responses/response-cache-write.json"), cached);
}

TEST(Usage, OfEmbeddingsImagesAndAudio) {
  EXPECT_EQ(sample("embeddings/float.json").total_tokens,
            sample("embeddings/float.json").input_tokens);
  EXPECT_TRUE(sample("embeddings/base64.json").is_known);
  EXPECT_EQ(sample("images/generation.json"), known(9, 272, 281));
  Usage heard = known(14, 6, 20);
  heard.input_audio_tokens = 14;
  EXPECT_EQ(sample("audio/transcription-usage-tokens.json"), heard);
  Usage timed = known(0, 0, 0);
  timed.audio_milliseconds = 2000;
  EXPECT_EQ(sample("audio/transcription-usage-duration.json"), timed);
}

TEST(Usage, OfRealtimeMessages) {
  Usage spoken = known(142, 61, 203);
  spoken.input_audio_tokens = 24;
  spoken.cached_tokens = 64;
  spoken.output_audio_tokens = 44;
  EXPECT_EQ(sample("realtime/response.done.json"), spoken);
  EXPECT_EQ(sample("realtime/response.done-failed.json"), known(0, 0, 0));
  EXPECT_EQ(sample("realtime/transcription.completed.json").input_audio_tokens, 17U);
}

TEST(Usage, IsUnknownWhereNothingIsSaid) {
  for (const char* name :
       {"audio/transcription.json", "images/dalle3.json", "responses/background-queued.json",
        "responses/deleted.json", "realtime/rate_limits.updated.json", "realtime/error.json"}) {
    EXPECT_EQ(sample(name), Usage()) << name;
  }
  for (const std::string_view text :
       {"", "{", "[]", "null", "7", R"({"usage":null})", R"({"usage":{}})", R"({"usage":[1,2]})",
        R"({"usage":{"prompt_tokens":null}})", R"({"usage":{"unknown":5}})", R"("usage")",
        R"({"choices":[{"usage":{"prompt_tokens":5}}]})", R"({"usage":{"prompt_tokens":5)",
        R"({"usage":{"usage":{"prompt_tokens":5}}})", "<html>usage</html>"}) {
    EXPECT_EQ(read_usage(text), Usage()) << text;
  }
}

TEST(Usage, WhatIsNoWholePlausibleNumberCountsAsMissing) {
  for (const std::string_view number :
       {"-5", "1.5", "1e300", "99999999999999999999999", "9007199254740993", "\"12\"", "true",
        "null", "[7]", "{\"x\":7}", "1e-3", "-0.5"}) {
    const std::string text =
        R"({"usage":{"prompt_tokens":)" + std::string(number) + R"(,"completion_tokens":3}})";
    EXPECT_EQ(read_usage(text), known(0, 3, 3)) << text;
  }
  EXPECT_EQ(read_usage(R"({"usage":{"prompt_tokens":12.0,"completion_tokens":3e2}})"),
            known(12, 300, 312));
}

TEST(Usage, AMissingTotalIsTheSum) {
  EXPECT_EQ(read_usage(R"({"usage":{"prompt_tokens":5}})"), known(5, 0, 5));
  EXPECT_EQ(read_usage(R"({"usage":{"input_tokens":5,"output_tokens":2,"total_tokens":9}})"),
            known(5, 2, 9));
}

TEST(Usage, TheLastWholeOneCounts) {
  EXPECT_EQ(read_usage(R"({"usage":{"prompt_tokens":5},"usage":{"prompt_tokens":6}})"),
            known(6, 0, 6));
  EXPECT_EQ(read_usage(R"({"usage":{"prompt_tokens":5},"usage":null,"usage":{"prompt_)"),
            known(5, 0, 5));
}

TEST(Usage, AddsUpWithoutOverflow) {
  Usage sum = known(1, 2, 3);
  sum += known(10, 20, 30);
  EXPECT_EQ(sum, known(11, 22, 33));
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  sum += known(kMost - 5, 0, 0);
  EXPECT_EQ(sum.input_tokens, kMost);
  sum += Usage();
  EXPECT_TRUE(sum.is_known);
}

TEST(Usage, TotalsKeepGuessesApart) {
  UsageTotals totals;
  totals.add(known(25, 10, 35));
  totals.add(estimate_usage(10, 9));
  totals.add(Usage());
  EXPECT_EQ(totals.exact, known(25, 10, 35));
  EXPECT_EQ(totals.estimated.total_tokens, 6U);
  EXPECT_TRUE(totals.estimated.is_estimated);
}

TEST(Usage, EstimatesFourCharactersToATokenRoundedUp) {
  EXPECT_EQ(estimate_usage(0, 0).total_tokens, 0U);
  EXPECT_EQ(estimate_usage(1, 4).input_tokens, 1U);
  EXPECT_EQ(estimate_usage(1, 4).output_tokens, 1U);
  EXPECT_EQ(estimate_usage(0, 5).output_tokens, 2U);
  EXPECT_TRUE(estimate_usage(0, 0).is_known);
}

}  // namespace
}  // namespace spillway::aoai
