#include "support/wire_sample.hpp"
#include <spillway/aoai/body_usage.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace spillway::aoai {
namespace {

Usage read_in_steps(std::string_view text, std::size_t step) {
  BodyUsage body;
  for (std::size_t i = 0; i < text.size(); i += step)
    body.observe(text.substr(i, step));
  return body.usage();
}

Usage read_whole(std::string_view text) {
  return read_in_steps(text, text.size() + 1);
}

std::string nested(std::size_t levels) {
  return R"({"a":)" + std::string(levels, '[') + std::string(levels, ']') +
         R"(,"usage":{"total_tokens":7}})";
}

// What is read at a glance, what is not, and what is not even JSON: how it comes makes no
// difference.
TEST(BodyUsage, IsTheSameInOnePieceAndInMany) {
  const std::string texts[] = {
      R"({})",
      R"({"usage":{}})",
      R"({"usage":{"prompt_tokens":20,"completion_tokens":100,"total_tokens":120}})",
      R"( { "id" : "x" , "usage" : { "prompt_tokens" : 1 , "x" : "y" } , "z" : null } )",
      R"({"usage":{"prompt_tokens":1}}{"usage":{"prompt_tokens":2}})",
      R"({"usage":{"prompt_tokens":1}} trailing})",
      R"({"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":2}})",
      R"({"usage":{"prompt_tokens":1},"usage":null})",
      R"({"usage":{"prompt_tokens":1},"usage":[{"prompt_tokens":2}]})",
      R"({"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":"2"}})",
      R"({"usage":{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":4,)"
      R"("x":{"audio_tokens":5}}}})",
      R"({"usage":{"prompt_tokens_details":[{"cached_tokens":4}],"input_tokens":3}})",
      R"({"usage":{"x":[1 2],"total_tokens":3}})",
      R"({"usage":{"d":{"x":{1}},"total_tokens":3}})",
      R"({"usage":{"d":{"x":[1 2]},"total_tokens":3}})",
      R"({"usage":[1 2],"usage":{"total_tokens":3}})",
      R"({"usage":[1],"usage":{"x":[2],"d":{"x":{"y":3}},"total_tokens":3}})",
      R"({"usage":{"completion_tokens_details":{"reasoning_tokens":4},"output_tokens":9}})",
      R"({"usage":{"type":"duration","seconds":3.5}})",
      R"({"usage":{"total_tokens":-1,"prompt_tokens":1e2,"completion_tokens":2.5}})",
      R"({"us\u0061ge":{"prompt_tokens":1}})",
      R"({"usage":{"prompt\u005ftokens":1}})",
      R"({"a":"\"usage\":{\"prompt_tokens\":5}","b":"\\","usage":{"prompt_tokens":1}})",
      R"({"choices":[{"usage":{"prompt_tokens":5}}],"x":{"usage":{"prompt_tokens":6}}})",
      R"({"response":{"usage":{"input_tokens":3}}})",
      R"({"usage":{"input_tokens":1},"response":{"usage":{"input_tokens":3}}})",
      R"([{"usage":{"prompt_tokens":1}}])",
      R"("}")",
      R"({"usage":{"prompt_tokens":1},})",
      R"({"usage":{"prompt_tokens":1,}})",
      R"({"usage":{"prompt_tokens":01}})",
      R"({"usage":{"prompt_tokens":1x}})",
      R"({"usage":{"prompt_tokens" 1}})",
      R"({"x":tru,"usage":{"prompt_tokens":1}})",
      R"({"x":truex,"usage":{"prompt_tokens":1}})",
      R"({"x":"\q","usage":{"prompt_tokens":1}})",
      "{\"x\":\"\n\",\"usage\":{\"prompt_tokens\":1}}",
      R"({"x":[1,2},"usage":{"prompt_tokens":1}})",
      R"({"x":{"a":[}]},"usage":{"prompt_tokens":1}})",
      R"({"x":[,],"usage":{"prompt_tokens":1}})",
      R"({"usage":{"prompt_tokens":1},"x":[})",
      R"({"usage":{"prompt_tokens":1})",
      nested(59),
      nested(60),
      nested(61),
      nested(63),
      nested(64),
      R"({")" + std::string(70, 'k') + R"(":1,"usage":{")" + std::string(70, 'k') +
          R"(":1,"total_tokens":2}})",
  };
  for (const std::string& text : texts)
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}})
      EXPECT_EQ(read_whole(text), read_in_steps(text, step)) << text;
}

TEST(BodyUsage, CountsOnlyWhatStandsAtTheTop) {
  EXPECT_EQ(read_whole(R"({"a":[{"usage":{"prompt_tokens":5}}],"b":"\"usage\":"})"), Usage());
  const Usage usage =
      read_whole(R"({"a":{"usage":{"total_tokens":5}},"usage":{"total_tokens":3,"prompt_tokens":2,)"
                 R"("prompt_tokens_details":{"cached_tokens":1}}})");
  EXPECT_EQ(usage.total_tokens, 3U);
  EXPECT_EQ(usage.cached_tokens, 1U);
  const Usage beside_unknown =
      read_whole(R"({"usage":{"prompt_tokens":10,"foo":{"prompt_tokens":3,"total_tokens":4}}})");
  EXPECT_EQ(beside_unknown.input_tokens, 10U) << "what an unknown object counts is not ours";
  EXPECT_EQ(beside_unknown.total_tokens, 10U);
}

TEST(BodyUsage, WhatComesBehindTheEndChangesNothing) {
  BodyUsage body;
  body.observe(R"({"usage":{"total_tokens":3}})");
  body.observe(R"({"usage":{"total_tokens":4}})");
  EXPECT_EQ(body.usage().total_tokens, 3U);
}

TEST(BodyUsage, ReadsTheSamplesInAnySplit) {
  for (const char* name :
       {"chat/completion.json", "chat/completion-reasoning.json", "embeddings/base64.json",
        "responses/response.json", "audio/transcription-usage-duration.json"}) {
    const std::string text = test::read_wire_sample(name);
    EXPECT_TRUE(read_whole(text).is_known) << name;
    for (std::size_t step = 1; step < text.size(); step += 29)
      EXPECT_EQ(read_in_steps(text, step), read_whole(text)) << name << " " << step;
  }
}

Usage read_with_length(std::string_view text, std::size_t length) {
  BodyUsage body;
  body.expect_length(length);
  body.observe(text);
  return body.usage();
}

// Whatever stands before, around or instead of it.
TEST(BodyUsage, IsTheSameWhereTheLengthIsKnown) {
  const std::string texts[] = {
      R"({})",
      R"({"usage":{}})",
      R"({"usage":{"total_tokens":3}})",
      R"( { "a" : [ 1 ] , "usage" : { "prompt_tokens" : 1 , "x" : "y" } } )",
      R"({"usage":{"prompt_tokens":1},"a":2})",
      R"({"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":2}})",
      R"({"usage":{"prompt_tokens":1},"usage":{}})",
      R"({"usage":{"prompt_tokens":1},"usage":{"x":"y"}})",
      R"({"usage":{"prompt_tokens":1},"usage":null})",
      R"({"usage":{"prompt_tokens":1},"us\u0061ge":{"prompt_tokens":2}})",
      R"({"usage":{"prompt\u005ftokens":1}})",
      R"({"a":{"usage":{"prompt_tokens":1}}})",
      R"({"a":[{"usage":{"prompt_tokens":1}}]})",
      R"([{"usage":{"prompt_tokens":1}}])",
      R"({"a\"usage":{"prompt_tokens":1}})",
      R"({"a,\"usage":{"prompt_tokens":1}})",
      R"({"a":"\"usage\":{\"prompt_tokens\":1}}"})",
      R"({"a":"usage"})",
      R"({"usage":"usage"})",
      R"({"response":{"usage":{"input_tokens":1}}})",
      R"({"response":{"usage":{"input_tokens":1}},"usage":{"input_tokens":2}})",
      R"({"usage":{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":4,"x":{"a":5}}}})",
      R"({"usage":{"x":[1,2],"total_tokens":3}})",
      R"({"usage":{"x":")" + std::string(3000, 'x') + R"(","total_tokens":3}})",
      R"({"a":")" + std::string(3000, 'x') + R"(","usage":{"total_tokens":3}})",
  };
  for (const std::string& text : texts)
    EXPECT_EQ(read_with_length(text, text.size()), read_whole(text)) << text;
}

TEST(BodyUsage, OfAPieceThatEndsLikeTheWholeTheLastMemberIsNotTaken) {
  const std::string_view first = R"({"data":[{"id":1,"usage":{"total_tokens":3}})";
  BodyUsage body;
  body.expect_length(100);
  body.observe(first);
  body.observe(R"(],"usage":{"total_tokens":8}})");
  EXPECT_EQ(body.usage().total_tokens, 8U);
}

TEST(BodyUsage, ReadsTheSamplesWhereTheirLengthIsKnown) {
  for (const char* name :
       {"chat/completion.json", "chat/completion-reasoning.json", "chat/completion-tool-call.json",
        "completions/completion.json", "embeddings/base64.json", "embeddings/float.json",
        "images/generation.json", "responses/response.json",
        "audio/transcription-usage-tokens.json", "audio/transcription-usage-duration.json"}) {
    const std::string text = test::read_wire_sample(name);
    EXPECT_TRUE(read_whole(text).is_known) << name;
    EXPECT_EQ(read_with_length(text, text.size()), read_whole(text)) << name;
  }
}

}  // namespace
}  // namespace spillway::aoai
