#include "support/wire_sample.hpp"
#include <spillway/aoai/request_facts.hpp>
#include <spillway/aoai/stateful_ids.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::aoai {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> ids_in_body(std::string_view body) {
  const RequestFacts facts = read_request_facts(body);
  EXPECT_TRUE(facts.is_json_object) << body;
  return facts.ids;
}

TEST(RequestIds, OfAFollowUp) {
  const auto facts = read_request_facts(test::read_wire_sample("requests/responses-followup.json"));
  EXPECT_THAT(facts.ids, ElementsAre("resp_5a1e0c7d9b3f4e2801c6d7a8f9e0b1c2d3e4f5a6b7c8d9e0f1"));
  EXPECT_EQ(facts.named_id_count, 1U);
}

TEST(RequestIds, PlainInferenceNamesNone) {
  for (const auto* name :
       {"requests/chat.json", "requests/chat-stream-usage.json", "requests/embeddings.json"}) {
    EXPECT_THAT(ids_in_body(test::read_wire_sample(name)), IsEmpty()) << name;
  }
}

TEST(RequestIds, EachNameIsUnderstood) {
  for (const std::string_view name :
       {"previous_response_id", "conversation", "thread_id", "assistant_id", "response_id",
        "training_file", "validation_file", "input_file_id", "file_id", "vector_store_id",
        "batch_id", "video_id", "skill_id", "image_file_id"}) {
    EXPECT_THAT(ids_in_body("{\"" + std::string(name) + "\":\"some-id.1\"}"),
                ElementsAre("some-id.1"))
        << name;
  }
  for (const std::string_view name : {"file_ids", "vector_store_ids", "image_file_ids"}) {
    EXPECT_THAT(ids_in_body("{\"" + std::string(name) + "\":[\"file-1a2b\",\"file-3c4d\"]}"),
                ElementsAre("file-1a2b", "file-3c4d"))
        << name;
  }
}

TEST(RequestIds, WhereTheyStandInRealBodies) {
  EXPECT_THAT(ids_in_body(R"({"conversation":{"id":"conv_12345678"},"input":"x"})"),
              ElementsAre("conv_12345678"));
  EXPECT_THAT(ids_in_body(R"({"tools":[{"type":"file_search","vector_store_ids":["vs_12345678"]},)"
                          R"({"type":"code_interpreter","container":"cntr_12345678"},)"
                          R"({"type":"code_interpreter",)"
                          R"("container":{"type":"auto","file_ids":["file-abcdef12"]}}]})"),
              ElementsAre("vs_12345678", "cntr_12345678", "file-abcdef12"));
  EXPECT_THAT(ids_in_body(R"({"input":[{"role":"user","content":[)"
                          R"({"type":"input_file","file_id":"assistant-12345678"},)"
                          R"({"type":"input_image","file_id":"file-87654321"}]}]})"),
              ElementsAre("assistant-12345678", "file-87654321"));
  EXPECT_THAT(ids_in_body(R"({"messages":[{"role":"user","content":[{"type":"file",)"
                          R"("file":{"file_id":"file-1a2b3c4d"}}]}]})"),
              ElementsAre("file-1a2b3c4d"));
  EXPECT_THAT(
      ids_in_body(R"({"assistant_id":"asst_12345678","thread":{"messages":[)"
                  R"({"attachments":[{"file_id":"file-1a2b3c4d"}]}]},)"
                  R"("tool_resources":{"file_search":{"vector_store_ids":["vs_1234567"]}}})"),
      ElementsAre("asst_12345678", "file-1a2b3c4d", "vs_1234567"));
  EXPECT_THAT(ids_in_body(R"({"data_source":{"source":{"type":"file_id","id":"file-1a2b3c4d"}}})"),
              ElementsAre("file-1a2b3c4d"));
}

TEST(RequestIds, ItemsOfTheInputComeLastTheLatestFirst) {
  const RequestFacts facts = read_request_facts(
      R"({"input":[{"type":"item_reference","id":"msg_11111111"},)"
      R"({"type":"reasoning","id":"rs_22222222","encrypted_content":"gAAA"},)"
      R"({"type":"function_call","id":"fc_33333333","call_id":"call_44444444"}],)"
      R"("previous_response_id":"resp_55555555"})");
  EXPECT_THAT(facts.ids,
              ElementsAre("resp_55555555", "fc_33333333", "rs_22222222", "msg_11111111"));
  EXPECT_EQ(facts.named_id_count, 1U);
}

TEST(RequestIds, OnlyElementsOfTheInputAreItems) {
  EXPECT_THAT(ids_in_body(R"({"input":{"x":{"id":"rs_22222222"}}})"), IsEmpty());
  EXPECT_THAT(ids_in_body(R"({"input":[[{"id":"rs_22222222"}]]})"), IsEmpty());
  EXPECT_THAT(ids_in_body(R"({"input":[{"content":[{"id":"rs_22222222"}]}]})"), IsEmpty());
  EXPECT_THAT(ids_in_body(R"({"messages":[{"id":"msg_22222222"}]})"), IsEmpty());
  EXPECT_THAT(ids_in_body(R"({"id":"msg_22222222"})"), IsEmpty());
  EXPECT_THAT(ids_in_body(R"({"input":[{"id":"my own name"},{"id":"item-1"}]})"), IsEmpty());
}

TEST(RequestIds, TheStrongestClaimComesFirst) {
  EXPECT_THAT(ids_in_body(R"({"file_id":"file-1234","thread_id":"thread_1234",)"
                          R"("conversation":"conv_1234","previous_response_id":"resp_1234"})"),
              ElementsAre("resp_1234", "conv_1234", "thread_1234", "file-1234"));
}

TEST(RequestIds, WhatMeansSomethingElseIsNone) {
  for (const std::string_view body :
       {R"({"metadata":{"file_id":"file-12345678","ids":["file-12345678"]}})",
        R"({"metadata":{"file_ids":["file-12345678"]}})",
        R"({"tools":[{"function":{"parameters":{"properties":{"file_id":{"type":"string"}},)"
        R"("required":["file_id"]}}}]})",
        R"({"messages":[{"content":"{\"file_id\":\"file-12345678\"}"}]})",
        R"({"container":"a word"})", R"({"tools":[{"container":"auto"}]})",
        R"({"file_ids":"file-12345678"})", R"({"file_ids":[["file-12345678"]]})",
        R"({"file_ids":{"a":"file-12345678"}})", R"({"file_id":["file-12345678"]})",
        R"({"file_id":7,"conversation":null,"thread_id":true})", R"({"file_id":""})",
        R"({"file_id":"a b"})", R"({"conversation":{"name":"conv_12345678"}})",
        R"({"conversation":[{"id":"conv_12345678"}]})", R"({"a":{"training_file":"file-123"}})"}) {
    EXPECT_THAT(ids_in_body(body), IsEmpty()) << body;
  }
}

TEST(RequestIds, AfterAListComesNoListAnyMore) {
  EXPECT_THAT(ids_in_body(R"({"file_ids":["file-1111"],"other":["file-2222"],"x":["file-3333"]})"),
              ElementsAre("file-1111"));
  EXPECT_THAT(ids_in_body(R"({"file_ids":[{"a":["file-2222"]},"file-1111"]})"),
              ElementsAre("file-1111"));
}

TEST(RequestIds, EscapedOnesAreUnderstoodAndRepeatedOnesGivenOnce) {
  EXPECT_THAT(ids_in_body(R"({"file\u005fid":"file\u002d1234","vector_store_id":"file-1234"})"),
              ElementsAre("file-1234"));
  EXPECT_THAT(ids_in_body(R"({"previous_response_id":"resp_1234","response_id":"resp_1234"})"),
              ElementsAre("resp_1234"));
}

TEST(RequestIds, TheLastPreviousResponseCounts) {
  EXPECT_THAT(
      ids_in_body(R"({"previous_response_id":"resp_1111","previous_response_id":"resp_2222"})"),
      ElementsAre("resp_2222"));
  EXPECT_THAT(ids_in_body(R"({"previous_response_id":"resp_1111","previous_response_id":null})"),
              IsEmpty());
}

TEST(RequestIds, LengthIsBounded) {
  const std::string longest(kMaxIdBytes, 'x');
  EXPECT_THAT(ids_in_body(R"({"file_id":")" + longest + R"("})"), ElementsAre(longest));
  EXPECT_THAT(ids_in_body(R"({"file_id":")" + longest + R"(x"})"), IsEmpty());
  EXPECT_THAT(ids_in_body(R"({"previous_response_id":")" + longest + R"(x"})"), IsEmpty());
}

TEST(RequestIds, NumberIsBoundedAndTheStrongestStay) {
  std::string body = R"({"input":[)";
  for (int i = 0; i < 1000; ++i)
    body += R"({"id":"msg_)" + std::to_string(10'000 + i) + R"("},)";
  body.back() = ']';
  body += R"(,"file_ids":[)";
  for (int i = 0; i < 1000; ++i)
    body += R"("file-)" + std::to_string(10'000 + i) + R"(",)";
  body.back() = ']';
  body += R"(,"thread_id":"thread_1234","conversation":"conv_1234",)"
          R"("previous_response_id":"resp_1234"})";
  const RequestFacts facts = read_request_facts(body);
  ASSERT_LE(facts.ids.size(), kMaxNamedIds);
  ASSERT_GE(facts.ids.size(), 24U);
  EXPECT_EQ(facts.ids[0], "resp_1234");
  EXPECT_EQ(facts.ids[1], "conv_1234");
  EXPECT_EQ(facts.ids[2], "thread_1234");
  EXPECT_EQ(facts.ids[3], "file-10000");
  EXPECT_EQ(facts.ids[facts.named_id_count], "msg_10999");
}

TEST(RequestIds, ABodyThatIsNoJsonYieldsNone) {
  const RequestFacts facts = read_request_facts(R"({"file_id":"file-1234")");
  EXPECT_FALSE(facts.is_json_object);
  EXPECT_THAT(facts.ids, IsEmpty());
}

}  // namespace
}  // namespace spillway::aoai
