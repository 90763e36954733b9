#include <spillway/identity/credential_source.hpp>

#include <gtest/gtest.h>

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using State = CredentialStatus::State;

const base::SteadyTime kNow = base::SteadyTime(1h);

TEST(CredentialSource, HasNothingToBeginWith) {
  const CredentialSource source("platform");
  EXPECT_EQ(source.name(), "platform");
  EXPECT_FALSE(source.current(kNow));
  EXPECT_EQ(source.status().state, State::refreshing);
}

TEST(CredentialSource, AnApiKeyDoesNotExpire) {
  CredentialSource source("legacy");
  source.set_api_key(base::Secret("k"));
  const auto authorization = source.current(base::SteadyTime::max() - 1s);
  ASSERT_TRUE(authorization);
  EXPECT_EQ(authorization->name, "api-key");
  EXPECT_EQ(authorization->value->reveal(), "k");
  EXPECT_EQ(source.status().state, State::ok);
}

TEST(CredentialSource, ATokenServesUntilItExpires) {
  CredentialSource source("platform");
  source.set_token(base::Secret("t"), kNow + 10s);
  const auto authorization = source.current(kNow + 10s - 1ns);
  ASSERT_TRUE(authorization);
  EXPECT_EQ(authorization->name, "authorization");
  EXPECT_EQ(authorization->value->reveal(), "Bearer t");
  EXPECT_FALSE(source.current(kNow + 10s));
}

TEST(CredentialSource, ARefusalIsReportedOnce) {
  CredentialSource source("platform");
  EXPECT_FALSE(source.take_refused());
  source.report_refused();
  source.report_refused();
  EXPECT_TRUE(source.take_refused());
  EXPECT_FALSE(source.take_refused());
}

}  // namespace
}  // namespace spillway::identity
