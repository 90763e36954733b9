#include "support/wire_sample.hpp"
#include <spillway/aoai/answer_ids.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace spillway::aoai {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> ids_in_answer(std::string_view answer, std::size_t piece = 1'000'000) {
  AnswerIds ids;
  for (std::size_t at = 0; at < answer.size(); at += piece)
    ids.observe(answer.substr(at, piece));
  return ids.take();
}

TEST(AnswerIds, OfAResponse) {
  EXPECT_THAT(
      ids_in_answer(R"({ "id": "resp_1234", "object":"response","output":[)"
                    R"({"id":"rs_12345","type":"reasoning"},)"
                    R"({"type":"message", "id":"msg_1234","content":[{"text":"\"id\":\"x\"",)"
                    R"("annotations":[{"container_id":"cntr_1234","file_id":"cfile_1234"}]}]}],)"
                    R"("conversation":{"id":"conv_1234"}})"),
      ElementsAre("resp_1234", "rs_12345", "msg_1234", "cntr_1234", "cfile_1234", "conv_1234"));
}

TEST(AnswerIds, OfAStreamAsSoonAsTheyAreThere) {
  AnswerIds ids;
  ids.observe("event: response.created\ndata: {\"type\":\"response.created\",\"response\":{");
  EXPECT_FALSE(ids.has_ids());
  ids.observe("\"id\":\"resp_1234\",\"output\":[]},\"sequence_number\":0}\n\n");
  EXPECT_TRUE(ids.has_ids());
  EXPECT_THAT(ids.take(), ElementsAre("resp_1234"));
  EXPECT_FALSE(ids.has_ids());
  ids.observe("event: x\ndata: {\"item\":{\"id\":\"msg_1234\"},\"item_id\":\"msg_1234\"}\n\n");
  ids.observe("data: {\"response\":{\"id\":\"resp_1234\",\"output\":[{\"id\":\"msg_1234\"}]}}\n\n");
  EXPECT_THAT(ids.take(), ElementsAre("msg_1234"));
}

TEST(AnswerIds, OfAStoredChatOnce) {
  std::string stream;
  for (int i = 0; i < 50; ++i)
    stream += "data: {\"id\":\"chatcmpl-1234\",\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
  EXPECT_THAT(ids_in_answer(stream + "data: [DONE]\n\n"), ElementsAre("chatcmpl-1234"));
}

TEST(AnswerIds, OfListsBatchesUploadsAndJobs) {
  EXPECT_THAT(ids_in_answer(R"({"object":"list","data":[{"id":"file-1111"},{"id":"file-2222"}],)"
                            R"("first_id":"file-1111"})"),
              ElementsAre("file-1111", "file-2222"));
  EXPECT_THAT(
      ids_in_answer(R"({"id":"batch_1","output_file_id":"file-1111","error_file_id":null})"),
      ElementsAre("batch_1", "file-1111"));
  EXPECT_THAT(ids_in_answer(R"({"id":"upload_1","file":{"id":"file-1111"}})"),
              ElementsAre("upload_1", "file-1111"));
  EXPECT_THAT(ids_in_answer(
                  R"({"id":"ftjob-1","result_files":["file-1111","file-2222"],"x":["file-3333"]})"),
              ElementsAre("ftjob-1", "file-1111", "file-2222"));
}

TEST(AnswerIds, TheThingsOwnIdMayHaveAnyShape) {
  EXPECT_THAT(ids_in_answer(R"({"id":"0e5c7d7a-32a3-4e6b"})"), ElementsAre("0e5c7d7a-32a3-4e6b"));
  EXPECT_THAT(ids_in_answer(R"({"data":[{"id":"0e5c7d7a-32a3-4e6b"}]})"), IsEmpty());
  EXPECT_THAT(ids_in_answer(R"({"id":"two words"})"), IsEmpty());
  EXPECT_THAT(ids_in_answer(R"({"id":7})"), IsEmpty());
}

TEST(AnswerIds, WhatACallerCanPutThereNamesNothing) {
  for (const std::string_view answer :
       {R"({"metadata":{"id":"resp_9999","response":{"id":"resp_9999"}}})",
        R"({"tools":[{"parameters":{"id":"resp_9999"}}]})",
        R"({"output":[{"arguments":"{\"id\":\"resp_9999\"}"}]})",
        R"({"text":"\",\"id\":\"resp_9999\""})", R"({"x\"id":"resp_9999"})",
        R"({"a":"id","b":"resp_9999"})", R"({"i\u0064":"resp_9999"})",
        R"({"output":[{"text":"resp_9999"}]})", R"([{"id":"resp_9999"}])",
        R"({"input":[{"id":"msg_9999"}]})", R"({"id":["resp_9999"]})",
        R"({"metadata":{"a":{"b":[{"data":[{"id":"resp_9999"}]}]}}})"}) {
    EXPECT_THAT(ids_in_answer(answer), IsEmpty()) << answer;
  }
}

TEST(AnswerIds, AfterWhatIsOfNoInterestItGoesOn) {
  EXPECT_THAT(ids_in_answer(R"({"metadata":{"a":[{"b":"}]"}]},"id":"resp_1234","x":[[],{}],)"
                            R"("output":[{"id":"msg_1234"}]})"),
              ElementsAre("resp_1234", "msg_1234"));
}

TEST(AnswerIds, AnySplitGivesTheSame) {
  const std::string answer =
      "event: a\r\ndata: {\"response\": {\"id\" : \"resp_1234\", \"metadata\": {\"id\":\"resp_9\"},"
      "\"output\": [{\"id\":\"msg_1234\",\"x\":\"\\\\\\\"\"}]}}\r\n\r\n";
  const auto whole = ids_in_answer(answer);
  EXPECT_THAT(whole, ElementsAre("resp_1234", "msg_1234"));
  for (std::size_t piece = 1; piece < answer.size(); ++piece)
    EXPECT_EQ(ids_in_answer(answer, piece), whole) << piece;
}

TEST(AnswerIds, ABrokenEventDoesNotSpoilTheNext) {
  EXPECT_THAT(
      ids_in_answer("data: {\"response\":{\"id\":\"resp_12\n\ndata: {\"id\":\"resp_1234\"}\n\n"),
      ElementsAre("resp_1234"));
}

TEST(AnswerIds, AreBounded) {
  std::string answer = R"({"data":[)";
  for (int i = 0; i < 10'000; ++i)
    answer += R"({"id":"file-1)" + std::to_string(i) + R"("},)";
  EXPECT_EQ(ids_in_answer(answer).size(), AnswerIds::kMaxTaken);
  EXPECT_THAT(ids_in_answer(R"({"id":")" + std::string(1'000'000, 'x') + R"(","a":1})"), IsEmpty());
  std::string deep;
  for (int i = 0; i < 100'000; ++i)
    deep += R"({"data":)";
  EXPECT_THAT(ids_in_answer(deep + R"({"id":"file-1234"})"), IsEmpty());
}

TEST(AnswerIds, OfARecordedStream) {
  const auto ids = ids_in_answer(test::read_wire_sample("responses/stream.sse"));
  EXPECT_FALSE(ids.empty());
  EXPECT_TRUE(std::any_of(ids.begin(), ids.end(),
                          [](const std::string& id) { return id.starts_with("resp_"); }));
}

TEST(IdInLocation, IsItsLastSegment) {
  EXPECT_EQ(id_in_location("/v1/realtime/calls/rtc_1234"), "rtc_1234");
  EXPECT_EQ(id_in_location("https://x.openai.azure.com/openai/v1/realtime/calls/rtc_1?a=b"),
            "rtc_1");
  EXPECT_EQ(id_in_location("https://x/calls/"), "");
  EXPECT_EQ(id_in_location("rtc_1234"), "");
  EXPECT_EQ(id_in_location(""), "");
}

}  // namespace
}  // namespace spillway::aoai
