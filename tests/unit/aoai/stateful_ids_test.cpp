#include <spillway/aoai/stateful_ids.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::aoai {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ApiPath path_of(std::string_view method, std::string_view target) {
  const auto path = parse_api_path(method, target);
  EXPECT_TRUE(path) << target;
  return path ? path.value() : ApiPath();
}

std::vector<std::string> ids_of(std::string_view target) {
  return ids_in_path(path_of("GET", target));
}

TEST(StatefulId, KnownPrefixesWithSomethingBehind) {
  for (const auto* id : {"resp_5a1e0c7d9b3f4e28",
                         "conv_1234",
                         "file-AbC123",
                         "assistant-AbC123",
                         "vs_abcd",
                         "vsfb_abcd",
                         "batch_0e5c7d7a-32a3-4e6b-a9b3-1b1a1c2d3e4f",
                         "ftjob-abcd",
                         "eval_abcd",
                         "evalrun_abcd",
                         "cntr_abcd",
                         "cfile_abcd",
                         "video_abcd",
                         "upload_abcd",
                         "asst_abcd",
                         "thread_abcd",
                         "run_abcd",
                         "step_abcd",
                         "msg_abcd",
                         "rs_abcd",
                         "fc_abcd",
                         "chatcmpl-abcd",
                         "rtc_abcd",
                         "sess_abcd",
                         "task_abcd"}) {
    EXPECT_TRUE(is_stateful_id(id)) << id;
  }
  for (const auto* text :
       {"", "resp_", "resp_1", "resp", "call_12345678", "gpt-4o", "RESP_12345678",
        "a resp_12345678", "resp_1234 5678", "resp_1234/5678", "auto"}) {
    EXPECT_FALSE(is_stateful_id(text)) << text;
  }
  EXPECT_TRUE(is_stateful_id("resp_" + std::string(123, 'x')));
  EXPECT_FALSE(is_stateful_id("resp_" + std::string(124, 'x')));
}

TEST(IdsInPath, ByTheirPlace) {
  EXPECT_THAT(ids_of("/openai/v1/responses/abcd1234"), ElementsAre("abcd1234"));
  EXPECT_THAT(ids_of("/openai/responses/resp_1234/input_items?api-version=2025-04-01-preview"),
              ElementsAre("resp_1234"));
  EXPECT_THAT(ids_of("/v1/files/assistant-x1/content"), ElementsAre("assistant-x1"));
  EXPECT_THAT(ids_of("/openai/v1/conversations/conv_1234/items/msg_1234"),
              ElementsAre("conv_1234", "msg_1234"));
  EXPECT_THAT(ids_of("/openai/threads/thread_1/runs/run_2345/steps/step_3?api-version=x"),
              ElementsAre("thread_1", "run_2345", "step_3"));
  EXPECT_THAT(ids_of("/openai/v1/fine_tuning/jobs/ftjob-1/events"), ElementsAre("ftjob-1"));
  EXPECT_THAT(ids_of("/openai/v1/chat/completions/chatcmpl-1/messages"), ElementsAre("chatcmpl-1"));
  EXPECT_THAT(ids_of("/openai/v1/realtime/calls/rtc_1/hangup"), ElementsAre("rtc_1"));
  EXPECT_THAT(ids_of("/openai/v1/video/generations/jobs/task_01/content/video"),
              ElementsAre("task_01"));
  EXPECT_THAT(ids_of("/openai/v1/Responses/resp_1234/"), ElementsAre("resp_1234"));
}

TEST(IdsInPath, ByTheirLookAnywhere) {
  EXPECT_THAT(ids_of("/openai/v1/files?limit=20&after=file-12345"), ElementsAre("file-12345"));
  EXPECT_THAT(ids_of("/openai/v1/novelties/batch_1234/x"), ElementsAre("batch_1234"));
  EXPECT_THAT(ids_of("/openai/v1/realtime?call_id=any-shape"), ElementsAre("any-shape"));
  EXPECT_THAT(ids_of("/openai/v1/responses/resp_1234?stream=true&starting_after=7"),
              ElementsAre("resp_1234"));
  EXPECT_THAT(ids_of("/openai/v1/files?after=file%2D12345"), ElementsAre("file-12345"));
}

TEST(IdsInPath, WhatIsNoIdIsNone) {
  for (const auto* target :
       {"/openai/v1/responses", "/openai/v1/files", "/openai/v1/responses/compact",
        "/openai/v1/responses/input_tokens", "/openai/v1/threads/runs", "/openai/v1/models/gpt-4o",
        "/openai/v1/models/ft:gpt-4o:abc", "/openai/deployments/eval_prod1?api-version=2023-05-15",
        "/openai/deployments/batch_prod/embeddings?api-version=2024-10-21",
        "/openai/v1/files?purpose=batch", "/openai/v1/vector_stores?order=desc",
        "/openai/v1/fine_tuning/alpha/graders/run", "/openai/v1/realtime?model=gpt-realtime"}) {
    EXPECT_THAT(ids_of(target), IsEmpty()) << target;
  }
  EXPECT_THAT(
      ids_in_path(path_of(
          "POST", "/openai/deployments/resp_12345/chat/completions?api-version=2024-10-21")),
      IsEmpty());
  EXPECT_THAT(ids_in_path(path_of("POST", "/openai/v1/chat/completions?x=file-12345")), IsEmpty());
}

TEST(IdsInPath, AreBounded) {
  std::string target = "/openai/v1/files?";
  for (int i = 0; i < 100; ++i)
    target += "a=file-1234" + std::to_string(i) + "&";
  EXPECT_EQ(ids_of(target).size(), kMaxPathIds);
  std::string deep = "/openai/v1/files";
  for (int i = 0; i < 100; ++i)
    deep += "/file-1234";
  EXPECT_EQ(ids_of(deep).size(), kMaxPathIds);
}

TEST(IdDeletedBy, IsTheThingItself) {
  const auto deleted = [](std::string_view method, std::string_view target) {
    return id_deleted_by(path_of(method, target), method);
  };
  EXPECT_EQ(deleted("DELETE", "/openai/v1/responses/resp_1234"), "resp_1234");
  EXPECT_EQ(deleted("DELETE", "/openai/files/assistant-1?api-version=2024-10-21"), "assistant-1");
  EXPECT_EQ(deleted("DELETE", "/openai/v1/chat/completions/chatcmpl-1"), "chatcmpl-1");
  EXPECT_EQ(deleted("GET", "/openai/v1/responses/resp_1234"), "");
  EXPECT_EQ(deleted("DELETE", "/openai/v1/vector_stores/vs_1234/files/file-1234"), "");
  EXPECT_EQ(deleted("DELETE", "/openai/v1/models/ft-gpt-4o"), "");
  EXPECT_EQ(deleted("DELETE", "/openai/v1/responses"), "");
}

bool remembers(std::string_view method, std::string_view target, const RequestFacts& facts = {}) {
  return remembers_answer_ids(path_of(method, target), method, facts);
}

TEST(RemembersAnswerIds, OfWhatIsKept) {
  for (const auto* target :
       {"/openai/v1/responses", "/openai/responses?api-version=2025-04-01-preview",
        "/openai/v1/responses/compact", "/openai/v1/responses/resp_1234/cancel",
        "/openai/v1/conversations", "/openai/v1/files", "/openai/v1/batches", "/openai/v1/uploads",
        "/openai/v1/vector_stores", "/openai/v1/fine_tuning/jobs", "/openai/v1/evals",
        "/openai/v1/containers", "/openai/v1/videos", "/openai/threads/runs?api-version=x",
        "/openai/v1/realtime/calls", "/openai/deployments/d/batches?api-version=x"}) {
    EXPECT_TRUE(remembers("POST", target)) << target;
  }
  for (const auto* target : {"/openai/v1/responses", "/openai/v1/files", "/openai/v1/files/file-1",
                             "/openai/v1/chat/completions", "/openai/v1/batches?after=batch_1"}) {
    EXPECT_TRUE(remembers("GET", target)) << target;
  }
}

TEST(RemembersAnswerIds, OfChatOnlyIfStored) {
  RequestFacts facts;
  EXPECT_FALSE(remembers("POST", "/openai/v1/chat/completions", facts));
  facts.wants_store = true;
  EXPECT_TRUE(remembers("POST", "/openai/v1/chat/completions", facts));
}

TEST(RemembersAnswerIds, NotOfInferenceNamesOrFiles) {
  for (const auto* target :
       {"/openai/v1/embeddings", "/openai/v1/completions", "/openai/v1/images/generations",
        "/openai/v1/audio/speech", "/openai/v1/responses/input_tokens"}) {
    EXPECT_FALSE(remembers("POST", target)) << target;
  }
  for (const auto* target : {"/openai/v1/models", "/openai/deployments?api-version=2023-05-15",
                             "/openai/v1/files/file-1/content", "/openai/v1/realtime?model=m"}) {
    EXPECT_FALSE(remembers("GET", target)) << target;
  }
  EXPECT_FALSE(remembers("DELETE", "/openai/v1/files/file-1234"));
  RequestFacts facts;
  facts.has_model = true;
  EXPECT_FALSE(remembers("POST", "/openai/v1/rerank", facts));
  EXPECT_TRUE(remembers("POST", "/openai/v1/novelties"));
}

}  // namespace
}  // namespace spillway::aoai
