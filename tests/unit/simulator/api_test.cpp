#include "simulator/api.hpp"

#include <gtest/gtest.h>

namespace spillway::simulator {
namespace {

TEST(ReadCall, ClassicPathsNameTheDeployment) {
  const auto call = read_call("POST", "/openai/deployments/gpt%2D4o/chat/completions");
  EXPECT_EQ(call.operation, Operation::chat);
  EXPECT_EQ(call.surface, Surface::classic);
  EXPECT_EQ(call.deployment, "gpt-4o");
  EXPECT_EQ(read_call("POST", "/openai/deployments/e/embeddings").operation, Operation::embeddings);
  EXPECT_EQ(read_call("GET", "/openai/deployments/e/embeddings").operation, Operation::unknown);
}

TEST(ReadCall, V1PathsDoNot) {
  const auto call = read_call("POST", "/openai/v1/chat/completions");
  EXPECT_EQ(call.operation, Operation::chat);
  EXPECT_EQ(call.surface, Surface::v1);
  EXPECT_TRUE(call.deployment.empty());
}

TEST(ReadCall, ResponsesAndModelsCarryIds) {
  EXPECT_EQ(read_call("POST", "/openai/v1/responses").operation, Operation::create_response);
  EXPECT_EQ(read_call("POST", "/openai/responses").operation, Operation::create_response);
  const auto get = read_call("GET", "/openai/v1/responses/resp_1");
  EXPECT_EQ(get.operation, Operation::get_response);
  EXPECT_EQ(get.id, "resp_1");
  EXPECT_EQ(read_call("DELETE", "/openai/v1/responses/r").operation, Operation::delete_response);
  EXPECT_EQ(read_call("HEAD", "/openai/models").operation, Operation::list_models);
  EXPECT_EQ(read_call("GET", "/openai/v1/models/m").id, "m");
}

TEST(ReadCall, KnowsNothingElse) {
  for (const char* path : {"/", "/openai", "/openaiv1", "/openai/v1", "/openai/deployments/",
                           "/openai/deployments/x"}) {
    EXPECT_EQ(read_call("GET", path).operation, Operation::unknown) << path;
  }
  for (const char* path : {"/openai/v12/models", "/openai/v1/responses/r/cancel"})
    EXPECT_EQ(read_call("GET", path).operation, Operation::other) << path;
}

TEST(ReadCall, ReadsTheCallsThatActOnAResponse) {
  const auto operation = [](const char* method, const char* tail) {
    return read_call(method, std::string("/openai/v1/responses") + tail).operation;
  };
  EXPECT_EQ(operation("POST", "/r/cancel"), Operation::cancel_response);
  EXPECT_EQ(operation("GET", "/r/input_items"), Operation::get_input_items);
  EXPECT_EQ(operation("POST", "/compact"), Operation::compact_response);
  EXPECT_EQ(operation("POST", "/input_tokens"), Operation::count_input_tokens);
  EXPECT_EQ(operation("POST", "/r"), Operation::other);
}

TEST(IsApiVersion, WantsADate) {
  EXPECT_TRUE(is_api_version("2024-10-21"));
  EXPECT_TRUE(is_api_version("2025-04-01-preview"));
  EXPECT_FALSE(is_api_version(""));
  EXPECT_FALSE(is_api_version("latest"));
  EXPECT_FALSE(is_api_version("2024-10-21-beta"));
}

}  // namespace
}  // namespace spillway::simulator
