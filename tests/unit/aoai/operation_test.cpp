#include <spillway/aoai/operation.hpp>

#include <gtest/gtest.h>

namespace spillway::aoai {
namespace {

struct Row {
  const char* method;
  const char* sub_path;
  Operation operation;
  OperationClass operation_class;
  Creation creation;
};

constexpr auto kInference = OperationClass::inference;
constexpr auto kStateful = OperationClass::stateful;
constexpr auto kManagement = OperationClass::management;

const Row kRows[] = {
    {"POST", "chat/completions", Operation::chat_completions, kInference, Creation::none},
    {"GET", "chat/completions", Operation::other, kStateful, Creation::none},
    {"GET", "chat/completions/chatcmpl-1", Operation::other, kStateful, Creation::none},
    {"POST", "chat/completions/chatcmpl-1", Operation::other, kStateful, Creation::none},
    {"POST", "extensions/chat/completions", Operation::chat_completions, kInference,
     Creation::none},
    {"POST", "completions", Operation::completions, kInference, Creation::none},
    {"POST", "embeddings", Operation::embeddings, kInference, Creation::none},
    {"POST", "images/generations", Operation::images, kInference, Creation::none},
    {"POST", "images/edits", Operation::images, kInference, Creation::none},
    {"POST", "audio/transcriptions", Operation::audio, kInference, Creation::none},
    {"POST", "audio/translations", Operation::audio, kInference, Creation::none},
    {"POST", "audio/speech", Operation::audio, kInference, Creation::none},
    {"POST", "responses", Operation::responses, kInference, Creation::if_background},
    {"GET", "responses", Operation::responses, kInference, Creation::if_background},
    {"GET", "responses/resp_1", Operation::other, kStateful, Creation::none},
    {"DELETE", "responses/resp_1", Operation::other, kStateful, Creation::none},
    {"POST", "responses/resp_1/cancel", Operation::other, kStateful, Creation::none},
    {"GET", "responses/resp_1/input_items", Operation::other, kStateful, Creation::none},
    {"POST", "responses/compact", Operation::other, kInference, Creation::none},
    {"POST", "responses/input_tokens", Operation::other, kInference, Creation::none},
    {"GET", "models", Operation::models, kInference, Creation::none},
    {"GET", "models/gpt-4o", Operation::models, kInference, Creation::none},
    {"DELETE", "models/ft-1", Operation::other, kManagement, Creation::none},
    {"GET", "realtime", Operation::realtime, kInference, Creation::none},
    {"POST", "realtime/client_secrets", Operation::realtime, kInference, Creation::none},
    {"POST", "realtime/calls", Operation::realtime, kInference, Creation::none},
    {"POST", "realtime/calls/rtc_1/hangup", Operation::other, kStateful, Creation::none},
    {"POST", "realtimeapi/sessions", Operation::realtime, kInference, Creation::none},
    {"GET", "live", Operation::realtime, kInference, Creation::none},
    {"GET", "live/sessions/s1/attach", Operation::other, kStateful, Creation::none},
    {"POST", "conversations", Operation::other, kStateful, Creation::lasting},
    {"POST", "conversations/conv_1/items", Operation::other, kStateful, Creation::lasting},
    {"GET", "conversations/conv_1", Operation::other, kStateful, Creation::none},
    {"POST", "files", Operation::other, kStateful, Creation::lasting},
    {"GET", "files/file-1/content", Operation::other, kStateful, Creation::none},
    {"DELETE", "files/file-1", Operation::other, kStateful, Creation::none},
    {"POST", "uploads", Operation::other, kStateful, Creation::lasting},
    {"POST", "uploads/upload_1/cancel", Operation::other, kStateful, Creation::none},
    {"POST", "batches", Operation::other, kStateful, Creation::lasting},
    {"POST", "batches/batch_1/cancel", Operation::other, kStateful, Creation::none},
    {"POST", "vector_stores", Operation::other, kStateful, Creation::lasting},
    {"POST", "vector_stores/vs_1/file_batches", Operation::other, kStateful, Creation::lasting},
    {"POST", "vector_stores/vs_1/search", Operation::other, kStateful, Creation::none},
    {"POST", "assistants", Operation::other, kStateful, Creation::lasting},
    {"POST", "threads/thread_1/runs", Operation::other, kStateful, Creation::lasting},
    {"POST", "containers", Operation::other, kStateful, Creation::lasting},
    {"POST", "videos", Operation::other, kStateful, Creation::lasting},
    {"POST", "fine_tuning/jobs", Operation::other, kManagement, Creation::lasting},
    {"POST", "fine_tuning/jobs/ftjob-1/pause", Operation::other, kManagement, Creation::none},
    {"POST", "fine_tuning/alpha/graders/run", Operation::other, kManagement, Creation::none},
    {"POST", "evals", Operation::other, kManagement, Creation::lasting},
    {"POST", "evals/eval_1/runs", Operation::other, kManagement, Creation::lasting},
    {"GET", "deployments", Operation::other, kManagement, Creation::none},
    {"POST", "rerank", Operation::other, kStateful, Creation::unless_model},
    {"GET", "rerank", Operation::other, kStateful, Creation::none},
    {"POST", "images/somethings", Operation::other, kStateful, Creation::unless_model},
};

TEST(Operation, EveryKnownPathHasItsClass) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(std::string(row.method) + " " + row.sub_path);
    const OperationTraits traits = classify_operation(row.method, row.sub_path);
    EXPECT_EQ(name_of(traits.operation), name_of(row.operation));
    EXPECT_EQ(name_of(traits.operation_class), name_of(row.operation_class));
    EXPECT_EQ(traits.creation, row.creation);
  }
}

TEST(Operation, ClassicResourcesAreThoseWithoutDeployment) {
  for (const auto* name : {"responses", "files", "batches", "fine_tuning", "assistants", "threads",
                           "vector_stores", "evals", "models", "realtime", "deployments"}) {
    EXPECT_TRUE(is_classic_resource(name)) << name;
  }
  for (const auto* name : {"chat", "completions", "embeddings", "images", "audio", "v1", "", "x"}) {
    EXPECT_FALSE(is_classic_resource(name)) << name;
  }
}

TEST(Operation, NamesAreThoseOfLogsAndConfiguration) {
  EXPECT_EQ(name_of(Operation::chat_completions), "chat_completions");
  EXPECT_EQ(name_of(Operation::responses), "responses");
  EXPECT_EQ(name_of(Operation::other), "other");
  EXPECT_EQ(name_of(OperationClass::inference), "inference");
  EXPECT_EQ(name_of(OperationClass::stateful), "stateful");
  EXPECT_EQ(name_of(OperationClass::management), "management");
}

}  // namespace
}  // namespace spillway::aoai
