#include "simulator/admission.hpp"

#include "simulator/prompt.hpp"

#include <gtest/gtest.h>

namespace spillway::simulator {
namespace {

using std::chrono::seconds;

const SteadyTime kStart{seconds(1'000)};

TEST(Paygo, AdmitsWhatAWindowHoldsAndSaysWhenThereIsRoomAgain) {
  Admission admission(Paygo{60'000, 60'000, seconds(1), seconds(1)});
  EXPECT_TRUE(admission.admit(600, kStart).is_admitted());
  EXPECT_TRUE(admission.admit(400, kStart + milliseconds(300)).is_admitted());
  EXPECT_EQ(admission.tokens().remaining(), 0U);

  const auto verdict = admission.admit(500, kStart + milliseconds(400));
  EXPECT_EQ(verdict.exceeded, Limit::tokens);
  EXPECT_EQ(verdict.retry_after, milliseconds(600));
  EXPECT_TRUE(admission.admit(500, kStart + milliseconds(1'000)).is_admitted());
}

TEST(Paygo, CountsRequestsApartFromTokens) {
  Admission admission(Paygo{1'000'000, 120, seconds(60), seconds(1)});
  EXPECT_TRUE(admission.admit(1, kStart).is_admitted());
  EXPECT_TRUE(admission.admit(1, kStart).is_admitted());
  const auto verdict = admission.admit(1, kStart + milliseconds(250));
  EXPECT_EQ(verdict.exceeded, Limit::requests);
  EXPECT_EQ(verdict.retry_after, milliseconds(750));
}

TEST(Paygo, ARequestLargerThanTheWindowIsToldTheWholeWindow) {
  Admission admission(Paygo{600, 60'000, seconds(10), seconds(1)});
  EXPECT_EQ(admission.admit(101, kStart).retry_after, seconds(10));
}

TEST(Ptu, LetsOneBurstOverTheEdgeAndDrains) {
  Admission admission(Ptu{1'000, 500});
  EXPECT_TRUE(admission.admit(900, kStart).is_admitted());
  EXPECT_TRUE(admission.admit(900, kStart).is_admitted());
  const auto verdict = admission.admit(1, kStart);
  EXPECT_EQ(verdict.exceeded, Limit::throughput);
  EXPECT_EQ(verdict.retry_after, milliseconds(1'601));
  EXPECT_DOUBLE_EQ(admission.utilisation(kStart + seconds(2)), 0.8);
  EXPECT_TRUE(admission.admit(1, kStart + verdict.retry_after).is_admitted());
}

TEST(Ptu, ResetEmptiesTheBucket) {
  Admission admission(Ptu{100, 1});
  EXPECT_TRUE(admission.admit(200, kStart).is_admitted());
  EXPECT_FALSE(admission.admit(1, kStart).is_admitted());
  admission.reset();
  EXPECT_TRUE(admission.admit(1, kStart).is_admitted());
}

TEST(AdmissionCost, FollowsTheMeasuredFormula) {
  const auto prompt =
      read_prompt(R"({"messages":[{"role":"system","content":"1234567890123456789012345678"},)"
                  R"({"role":"user","content":null},{"role":"user",)"
                  R"("content":[{"type":"text","text":"12345"}]}]})");
  ASSERT_EQ(prompt.texts.size(), 3U);
  EXPECT_EQ(admission_cost(prompt, "gpt-4o"), 8U + 2U + 640U);
  EXPECT_EQ(admission_cost(prompt, "gpt-5-nano"), 8U + 2U);
}

TEST(SeedOf, IgnoresModelAndStreaming) {
  const auto plain = read_prompt(R"({"messages":[{"role":"user","content":"hi"}]})");
  const auto other =
      read_prompt(R"({"model":"m","stream":true,"stream_options":{"include_usage":true},)"
                  R"("messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(seed_of(plain), seed_of(other));
  EXPECT_NE(seed_of(plain), seed_of(read_prompt(R"({"messages":[{"content":"ho"}]})")));
  EXPECT_TRUE(other.wants_usage);
}

}  // namespace
}  // namespace spillway::simulator
