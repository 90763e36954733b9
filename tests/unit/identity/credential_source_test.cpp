#include "support/test_clocks.hpp"
#include <spillway/identity/credential_source.hpp>

#include <gtest/gtest.h>

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using SourceState = CredentialStatus::State;

TEST(CredentialSource, HasNothingToBeginWith) {
  const CredentialSource source("platform");
  EXPECT_EQ(source.name(), "platform");
  EXPECT_FALSE(source.current());
  EXPECT_FALSE(source.has_current());
  EXPECT_EQ(source.status().state, SourceState::refreshing);
}

TEST(CredentialSource, AnApiKeyDoesNotExpire) {
  CredentialSource source("legacy");
  source.set_api_key(base::Secret("k"));
  const auto authorization = source.current();
  ASSERT_TRUE(authorization);
  EXPECT_EQ(authorization->name, "api-key");
  EXPECT_EQ(authorization->value->reveal(), "k");
  EXPECT_EQ(source.status().state, SourceState::ok);
}

TEST(CredentialSource, ATokenServesUntilItExpires) {
  support::StillClock clock;
  CredentialSource source("platform", clock);
  source.set_token(base::Secret("t"), clock.steady_now() + 10s);
  clock.advance(10s - 1ns);
  const auto authorization = source.current();
  ASSERT_TRUE(authorization);
  EXPECT_EQ(authorization->name, "authorization");
  EXPECT_EQ(authorization->value->reveal(), "Bearer t");
  EXPECT_TRUE(source.has_current());
  clock.advance(1ns);
  EXPECT_FALSE(source.current());
  EXPECT_FALSE(source.has_current());
}

TEST(CredentialSource, TheCallersTokenIsNotItsOwn) {
  CredentialSource source("as-caller");
  EXPECT_FALSE(source.is_pass_through());
  source.set_pass_through();
  EXPECT_TRUE(source.is_pass_through());
  EXPECT_FALSE(source.current());
  EXPECT_EQ(source.status().state, SourceState::ok);
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
