#include "simulator/answers_images.hpp"

#include "simulator/responses_dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using nlohmann::json;

Question question(const Deployment& deployment, std::string_view body) {
  Question made;
  made.prompt = read_prompt(body);
  made.deployment = &deployment;
  made.seed = seed_of(made.prompt);
  return made;
}

TEST(Images, AreAsManyAsAskedForWithUsage) {
  const Deployment deployment;
  const auto reply = answer_image_generation(question(deployment, R"({"prompt":"a dam","n":2})"));
  const auto body = json::parse(reply.body);
  ASSERT_EQ(body["data"].size(), 2U);
  EXPECT_NE(body["data"][0], body["data"][1]);
  const auto usage = body["usage"];
  EXPECT_EQ(usage["total_tokens"],
            usage["input_tokens"].get<int>() + usage["output_tokens"].get<int>());
}

TEST(Images, AStreamOfAnEditEndsWithItsUsage) {
  const Deployment deployment;
  const auto reply = answer_image_edit(question(deployment, R"({"prompt":"x","stream":true})"));
  ASSERT_EQ(reply.events.size(), 2U);
  EXPECT_THAT(reply.events[1].text, testing::StartsWith("event: image_edit.completed\n"));
  EXPECT_TRUE(json::parse(data_of(reply.events[1].text)).contains("usage"));
}

}  // namespace
}  // namespace spillway::simulator
