#include <spillway/aoai/rate_limit_headers.hpp>
#include <spillway/base/random.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::aoai {
namespace {

RateLimits limits_in(const std::vector<base::Field>& headers) {
  return read_rate_limits(headers);
}

std::optional<double> room(const std::vector<base::Field>& headers) {
  return room_left(read_rate_limits(headers));
}

TEST(RateLimitHeaders, AStandardDeploymentSaysWhatIsLeftOfTokensAndRequests) {
  const RateLimits limits = limits_in({{"X-RateLimit-Remaining-Requests", "449"},
                                       {"x-ratelimit-limit-requests", "450"},
                                       {"x-ratelimit-remaining-tokens", "225000"},
                                       {"x-ratelimit-limit-tokens", "450000"}});
  EXPECT_EQ(limits.remaining_requests, 449U);
  EXPECT_EQ(limits.limit_requests, 450U);
  EXPECT_EQ(limits.remaining_tokens, 225000U);
  EXPECT_EQ(limits.limit_tokens, 450000U);
  EXPECT_FALSE(limits.utilization);
  EXPECT_EQ(room_left(limits), 0.5);
}

TEST(RateLimitHeaders, AProvisionedDeploymentSaysItsUtilization) {
  EXPECT_NEAR(*room({{"azure-openai-deployment-utilization", "88.4%"}}), 0.116, 1e-9);
  EXPECT_NEAR(*room({{"Azure-OpenAI-Deployment-Utilization", " 12.3 % "}}), 0.877, 1e-9);
  EXPECT_NEAR(*room({{"azure-openai-deployment-utilization", "40"}}), 0.6, 1e-9);
  EXPECT_EQ(room({{"azure-openai-deployment-utilization", "0%"}}), 1);
  EXPECT_EQ(room({{"azure-openai-deployment-utilization", "100.0%"}}), 0);
  EXPECT_EQ(room({{"azure-openai-deployment-utilization", "131.5%"}}), 0);
}

TEST(RateLimitHeaders, TheScarcestCounts) {
  EXPECT_EQ(room({{"x-ratelimit-remaining-requests", "1"},
                  {"x-ratelimit-limit-requests", "10"},
                  {"x-ratelimit-remaining-tokens", "900"},
                  {"x-ratelimit-limit-tokens", "1000"}}),
            0.1);
}

TEST(RateLimitHeaders, ARemainderWithoutALimitIsNoShare) {
  EXPECT_FALSE(room({{"x-ratelimit-remaining-requests", "7"}}));
  EXPECT_FALSE(room({{"x-ratelimit-limit-tokens", "1000"}}));
  EXPECT_FALSE(room({{"x-ratelimit-remaining-tokens", "0"}, {"x-ratelimit-limit-tokens", "0"}}));
  EXPECT_FALSE(room({}));
}

TEST(RateLimitHeaders, ALimitThatWasLoweredLeavesAllTheRoomAndNoMore) {
  EXPECT_EQ(room({{"x-ratelimit-remaining-tokens", "450"}, {"x-ratelimit-limit-tokens", "100"}}),
            1);
}

TEST(RateLimitHeaders, NegativesAndGarbageSayNothing) {
  for (const std::string_view bad :
       {"-1", "", " ", "abc", "1e3", "0x10", "+5", "1.5.2", "%", ".", "nan", "inf", "-5%", "5%%",
        "99999999999999999999999", "\xFF"}) {
    SCOPED_TRACE(bad);
    EXPECT_FALSE(limits_in({{"azure-openai-deployment-utilization", bad}}).utilization);
    EXPECT_FALSE(
        room({{"x-ratelimit-remaining-tokens", bad}, {"x-ratelimit-limit-tokens", "1000"}}));
    EXPECT_FALSE(
        room({{"x-ratelimit-remaining-requests", "5"}, {"x-ratelimit-limit-requests", bad}}));
  }
}

TEST(RateLimitHeaders, OfARepeatedFieldTheFirstThatParsesCounts) {
  EXPECT_EQ(limits_in({{"x-ratelimit-remaining-tokens", "-1"},
                       {"x-ratelimit-remaining-tokens", "5"},
                       {"x-ratelimit-remaining-tokens", "9"}})
                .remaining_tokens,
            5U);
}

TEST(RateLimitHeaders, RoomIsAShareWhateverTheBytes) {
  base::Random random(21);
  constexpr std::string_view alphabet = "0123456789.-+eE% \xFF";
  const std::vector<std::string_view> names = {
      "x-ratelimit-remaining-tokens", "x-ratelimit-limit-tokens", "x-ratelimit-remaining-requests",
      "x-ratelimit-limit-requests", "azure-openai-deployment-utilization"};
  int known = 0;
  for (int i = 0; i < 20000; ++i) {
    std::vector<std::string> values(names.size());
    std::vector<base::Field> headers;
    for (std::size_t n = 0; n < names.size(); ++n) {
      for (std::uint64_t length = random.below(6); length > 0; --length)
        values[n] += alphabet[random.below(alphabet.size())];
      headers.push_back({names[n], values[n]});
    }
    const auto share = room(headers);
    if (!share) continue;
    ++known;
    ASSERT_TRUE(*share >= 0 && *share <= 1) << *share;
  }
  EXPECT_GT(known, 1000);
}

}  // namespace
}  // namespace spillway::aoai
