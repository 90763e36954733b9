#include "support/wire_sample.hpp"
#include <spillway/aoai/model_edit.hpp>
#include <spillway/aoai/request_facts.hpp>

#include <gtest/gtest.h>

namespace spillway::aoai {
namespace {

std::string_view model_token(std::string_view body, const RequestFacts& facts) {
  return body.substr(facts.model_offset, facts.model_length);
}

TEST(RequestFacts, ChatSample) {
  const std::string body = test::read_wire_sample("requests/chat-stream-usage.json");
  const RequestFacts facts = read_request_facts(body);
  EXPECT_TRUE(facts.is_json_object);
  EXPECT_TRUE(facts.has_model);
  EXPECT_EQ(facts.model, "dep-chat");
  EXPECT_EQ(model_token(body, facts), "\"dep-chat\"");
  EXPECT_TRUE(facts.wants_stream);
  EXPECT_TRUE(facts.has_stream_options);
  EXPECT_TRUE(facts.wants_usage);
  EXPECT_FALSE(facts.is_background);
  EXPECT_FALSE(facts.repeats_model);
}

TEST(RequestFacts, OtherSamples) {
  const auto chat = read_request_facts(test::read_wire_sample("requests/chat.json"));
  EXPECT_TRUE(chat.has_model);
  EXPECT_FALSE(chat.wants_stream);
  EXPECT_FALSE(chat.has_stream_options);
  const auto followup =
      read_request_facts(test::read_wire_sample("requests/responses-followup.json"));
  EXPECT_EQ(followup.previous_response_id,
            "resp_5a1e0c7d9b3f4e2801c6d7a8f9e0b1c2d3e4f5a6b7c8d9e0f1");
  const auto embeddings = read_request_facts(test::read_wire_sample("requests/embeddings.json"));
  EXPECT_EQ(embeddings.model, "dep-embed");
}

TEST(RequestFacts, OrderWhitespaceAndMarkDoNotMatter) {
  const std::string body =
      "\xEF\xBB\xBF \t\r\n{ \"stream\" :\ttrue\n,\r\"x\":[ { } , [ ] , -1.5e3 ] , \"model\" : "
      "\"m\" } \n";
  const RequestFacts facts = read_request_facts(body);
  EXPECT_TRUE(facts.is_json_object);
  EXPECT_TRUE(facts.wants_stream);
  EXPECT_EQ(facts.model, "m");
  EXPECT_EQ(model_token(body, facts), "\"m\"");
}

TEST(RequestFacts, OnlyTheTopLevelCounts) {
  const RequestFacts facts = read_request_facts(
      R"({"a":{"model":"x","stream":true,"background":true,)"
      R"("stream_options":{"include_usage":true},)"
      R"("previous_response_id":"r"},"b":["model","stream",{"model":"y"}],"model2":"z"})");
  EXPECT_TRUE(facts.is_json_object);
  EXPECT_FALSE(facts.has_model);
  EXPECT_FALSE(facts.wants_stream);
  EXPECT_FALSE(facts.is_background);
  EXPECT_FALSE(facts.has_stream_options);
  EXPECT_FALSE(facts.wants_usage);
  EXPECT_TRUE(facts.previous_response_id.empty());
}

TEST(RequestFacts, AValueThatSpellsANameIsNoName) {
  const RequestFacts facts = read_request_facts(R"({"a":"model","b":"stream","c":"x"})");
  EXPECT_TRUE(facts.is_json_object);
  EXPECT_FALSE(facts.has_model);
}

TEST(RequestFacts, EscapedNamesAndValuesAreDecoded) {
  const std::string body = R"({"mod\u0065l":"d\u00e9p-\ud83d\ude00","\u0073tream":true})";
  const RequestFacts facts = read_request_facts(body);
  EXPECT_EQ(facts.model, "d\xC3\xA9p-\xF0\x9F\x98\x80");
  EXPECT_TRUE(facts.wants_stream);
  EXPECT_EQ(replace_model(body, facts, "n"), R"({"mod\u0065l":"n","\u0073tream":true})");
}

TEST(RequestFacts, TheLastOfARepeatedNameWins) {
  const std::string body = R"({"model":"a","stream":true,"model":"bb","stream":false})";
  const RequestFacts facts = read_request_facts(body);
  EXPECT_EQ(facts.model, "bb");
  EXPECT_TRUE(facts.repeats_model);
  EXPECT_FALSE(facts.wants_stream);
  EXPECT_EQ(replace_model(body, facts, "n"),
            R"({"model":"a","stream":true,"model":"n","stream":false})");

  const RequestFacts lost = read_request_facts(R"({"model":"a","mod\u0065l":{"x":1}})");
  EXPECT_TRUE(lost.is_json_object);
  EXPECT_FALSE(lost.has_model);
  EXPECT_TRUE(lost.repeats_model);
  EXPECT_TRUE(lost.model.empty());
  EXPECT_EQ(lost.model_length, 0U);
}

TEST(RequestFacts, RepeatedStreamOptionsAreForgottenToo) {
  EXPECT_FALSE(
      read_request_facts(R"({"stream_options":{"include_usage":true},"stream_options":{}})")
          .wants_usage);
  EXPECT_FALSE(
      read_request_facts(R"({"stream_options":{"include_usage":true},"stream_options":null})")
          .has_stream_options);
  EXPECT_FALSE(read_request_facts(R"({"stream_options":{"include_usage":true,"include_usage":0}})")
                   .wants_usage);
}

TEST(RequestFacts, IncludeUsageOnlyDirectlyInStreamOptions) {
  EXPECT_FALSE(
      read_request_facts(R"({"stream_options":{"a":{"include_usage":true}}})").wants_usage);
  EXPECT_FALSE(read_request_facts(R"({"stream_options":[{"include_usage":true}]})").wants_usage);
  EXPECT_FALSE(
      read_request_facts(R"({"stream_options":{},"b":{"include_usage":true}})").wants_usage);
  EXPECT_TRUE(
      read_request_facts(R"({"stream_options":{"a":{},"include_usage":true}})").wants_usage);
  EXPECT_FALSE(read_request_facts(R"({"stream_options":{"include_usage":false}})").wants_usage);
}

TEST(RequestFacts, OnlyTrueIsTrue) {
  for (const auto* value : {"false", "null", "1", "\"true\"", "[true]", "{\"a\":true}"}) {
    const std::string body =
        std::string(R"({"stream":)") + value + R"(,"background":)" + value + "}";
    const RequestFacts facts = read_request_facts(body);
    EXPECT_TRUE(facts.is_json_object) << body;
    EXPECT_FALSE(facts.wants_stream) << body;
    EXPECT_FALSE(facts.is_background) << body;
  }
  EXPECT_TRUE(read_request_facts(R"({"background":true})").is_background);
}

TEST(RequestFacts, AModelThatIsNoStringIsNone) {
  for (const auto* value : {"1", "null", "true", "[\"m\"]", "{\"model\":\"m\"}"}) {
    const RequestFacts facts = read_request_facts(std::string(R"({"model":)") + value + "}");
    EXPECT_TRUE(facts.is_json_object) << value;
    EXPECT_FALSE(facts.has_model) << value;
  }
  const RequestFacts empty = read_request_facts(R"({"model":""})");
  EXPECT_TRUE(empty.has_model);
  EXPECT_TRUE(empty.model.empty());
  EXPECT_EQ(empty.model_length, 2U);
}

TEST(RequestFacts, WhatIsNotAWholeJsonObjectYieldsNoFacts) {
  for (const std::string_view body : {"",
                                      " ",
                                      "[]",
                                      "\"x\"",
                                      "1",
                                      "null",
                                      "{",
                                      "}",
                                      "{\"model\":\"m\"",
                                      "{\"model\":\"m\"}x",
                                      "{\"model\":\"m\"}{}",
                                      "{\"model\":\"m\",}",
                                      "{,\"model\":\"m\"}",
                                      "{\"model\" \"m\"}",
                                      "{\"model\":}",
                                      "{\"model\"}",
                                      "{model:\"m\"}",
                                      "{'model':'m'}",
                                      "{\"a\":[1,]}",
                                      "{\"a\":[,1]}",
                                      "{\"a\":[1 2]}",
                                      "{\"a\":[1}",
                                      "{\"a\":{]}",
                                      "{\"a\":01}",
                                      "{\"a\":+1}",
                                      "{\"a\":1.}",
                                      "{\"a\":tru}",
                                      "{\"a\":True}",
                                      "{\"a\":truefalse}",
                                      "{\"a\":nul}",
                                      "{\"a\":\"\n\"}",
                                      "{\"a\":\"\\x\"}",
                                      "{\"a\":1 \"b\":2}",
                                      "{\"a\"::1}",
                                      "{\"a\":1,,\"b\":2}",
                                      "{1:2}",
                                      "{\"a\":undefined}",
                                      "{\"a\":NaN}",
                                      "{}//",
                                      "/**/{}",
                                      "{\"a\":\v1}",
                                      "\xEF\xBB{}",
                                      "model=x"}) {
    const RequestFacts facts = read_request_facts(body);
    EXPECT_FALSE(facts.is_json_object) << body;
    EXPECT_FALSE(facts.has_model) << body;
    EXPECT_TRUE(facts.model.empty()) << body;
  }
}

TEST(RequestFacts, NoPrefixOfABodyIsABody) {
  const std::string body = test::read_wire_sample("requests/chat-stream-usage.json");
  for (std::size_t length = 0; length < body.size(); ++length) {
    EXPECT_FALSE(read_request_facts(body.substr(0, length)).is_json_object) << length;
  }
}

std::string nested(std::size_t depth, char open, char close) {
  std::string body = R"({"model":"m","a":)";
  for (std::size_t i = 1; i < depth; ++i)
    body += open == '{' ? "{\"a\":" : "[";
  body += "1";
  for (std::size_t i = 1; i < depth; ++i)
    body += close;
  return body + "}";
}

TEST(RequestFacts, DepthIsBounded) {
  EXPECT_TRUE(read_request_facts(nested(64, '[', ']')).is_json_object);
  EXPECT_FALSE(read_request_facts(nested(65, '[', ']')).is_json_object);
  EXPECT_TRUE(read_request_facts(nested(64, '{', '}')).is_json_object);
  EXPECT_FALSE(read_request_facts(nested(65, '{', '}')).is_json_object);
  EXPECT_FALSE(read_request_facts(nested(1'000'000, '[', ']')).is_json_object);
}

TEST(RequestFacts, ContainersCloseByTheirOwnKind) {
  EXPECT_TRUE(read_request_facts(R"({"a":[{"b":[{}]},{"c":[]}]})").is_json_object);
  EXPECT_FALSE(read_request_facts(R"({"a":[{"b":[{}}],{"c":[]}]})").is_json_object);
}

TEST(ReplaceModel, ChangesOnlyTheValue) {
  const std::string body = test::read_wire_sample("requests/chat.json");
  const std::string replaced = replace_model(body, read_request_facts(body), "gpt-4o-ptu");
  std::string expected = body;
  expected.replace(expected.find("\"dep-chat\""), 10, "\"gpt-4o-ptu\"");
  EXPECT_EQ(replaced, expected);
}

TEST(ReplaceModel, EscapesWhatItPutsIn) {
  const std::string body = R"({"model":"m"})";
  const std::string replaced = replace_model(body, read_request_facts(body), "a\"b\\c");
  EXPECT_EQ(replaced, R"({"model":"a\"b\\c"})");
  EXPECT_EQ(read_request_facts(replaced).model, "a\"b\\c");
  const std::string name(3000, 'n');
  EXPECT_EQ(read_request_facts(replace_model(body, read_request_facts(body), name)).model, name);
}

TEST(ReplaceModel, WithoutAModelNothingChanges) {
  for (const auto* body : {"{}", "not json", R"({"model":1})"}) {
    EXPECT_EQ(replace_model(body, read_request_facts(body), "n"), body);
  }
}

}  // namespace
}  // namespace spillway::aoai
