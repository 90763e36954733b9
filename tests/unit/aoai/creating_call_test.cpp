#include <spillway/aoai/creating_call.hpp>

#include <gtest/gtest.h>

namespace spillway::aoai {
namespace {

bool is_creating_call(const char* method, const char* target, const char* body) {
  const auto path = parse_api_path(method, target);
  EXPECT_TRUE(path.has_value()) << target;
  return path && is_creating(*path, method, read_request_facts(body));
}

TEST(CreatingCall, WhatLastsIsCreated) {
  for (const auto* target :
       {"/v1/files", "/v1/batches", "/v1/conversations", "/v1/vector_stores", "/v1/uploads",
        "/v1/fine_tuning/jobs", "/v1/evals", "/v1/containers", "/v1/videos", "/openai/assistants",
        "/openai/threads", "/openai/deployments/d/batches"}) {
    EXPECT_TRUE(is_creating_call("POST", target, R"({"model":"m"})")) << target;
    EXPECT_FALSE(is_creating_call("GET", target, "")) << target;
    EXPECT_FALSE(is_creating_call("DELETE", target, "")) << target;
  }
}

TEST(CreatingCall, OnlyABackgroundResponseIsCreated) {
  EXPECT_TRUE(is_creating_call("POST", "/v1/responses", R"({"model":"m","background":true})"));
  EXPECT_FALSE(is_creating_call("POST", "/v1/responses", R"({"model":"m","background":false})"));
  EXPECT_FALSE(is_creating_call("POST", "/v1/responses", R"({"model":"m","store":true})"));
  EXPECT_FALSE(is_creating_call("POST", "/v1/responses/r/cancel", R"({"background":true})"));
}

TEST(CreatingCall, InferenceCreatesNothing) {
  for (const auto* target : {"/v1/chat/completions", "/v1/embeddings", "/v1/images/generations",
                             "/openai/deployments/d/chat/completions", "/v1/responses/compact"}) {
    EXPECT_FALSE(is_creating_call("POST", target, R"({"background":true})")) << target;
  }
}

TEST(CreatingCall, AnUnknownPathCreatesUnlessItNamesAModel) {
  EXPECT_TRUE(is_creating_call("POST", "/v1/gadgets", "{}"));
  EXPECT_FALSE(is_creating_call("POST", "/v1/gadgets", R"({"model":"m"})"));
}

}  // namespace
}  // namespace spillway::aoai
