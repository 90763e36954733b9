#include "support.hpp"
#include <spillway/routing/exhaustion.hpp>

namespace spillway::routing::test {
namespace {

Exhausted everybody_out(Exhausted::Out out, std::optional<SteadyTime> soonest = std::nullopt) {
  Exhausted exhausted;
  exhausted.out = out;
  exhausted.soonest = soonest;
  return exhausted;
}

Exhaustion describe_it(const std::vector<Outcome>& outcomes, const Exhausted& exhausted) {
  return describe_exhaustion("production", "gpt-4o", outcomes, exhausted, at(0s));
}

TEST(Exhaustion, AnUnknownDeploymentIs404InAzuresWords) {
  Exhausted exhausted;
  exhausted.is_known_deployment = false;
  const Exhaustion e = describe_it({}, exhausted);
  EXPECT_EQ(e.status, 404U);
  EXPECT_EQ(e.code, "DeploymentNotFound");
  EXPECT_TRUE(e.should_not_retry);
  EXPECT_NE(e.message.find("gpt-4o"), std::string::npos);
  EXPECT_NE(e.message.find("production"), std::string::npos);
}

TEST(Exhaustion, EverybodyThrottledIs429WithTheSoonestRecovery) {
  for (const auto& outcomes : {std::vector<Outcome>{}, {answered(429)}, {answered(408)}}) {
    const Exhaustion e = describe_it(outcomes, everybody_out({.throttled = 2}, at(7s)));
    EXPECT_EQ(e.status, 429U);
    EXPECT_EQ(e.code, "spillway_pool_throttled");
    EXPECT_EQ(e.retry_after, 7s);
    EXPECT_FALSE(e.should_not_retry);
  }
}

TEST(Exhaustion, FaultsAre503) {
  const Exhaustion e = describe_it({answered(500), answered(502)}, everybody_out({}));
  EXPECT_EQ(e.status, 503U);
  EXPECT_EQ(e.code, "spillway_pool_unavailable");
  EXPECT_FALSE(e.retry_after);
}

TEST(Exhaustion, OnlyMalformedAnswersAre502) {
  const Outcome malformed = outcome_of_fault(base::Fault::upstream_malformed);
  const Exhaustion e = describe_it({malformed, malformed}, everybody_out({}));
  EXPECT_EQ(e.status, 502U);
  EXPECT_EQ(e.code, "spillway_bad_gateway");
  EXPECT_EQ(describe_it({malformed, answered(500)}, everybody_out({})).status, 503U);
}

TEST(Exhaustion, MixedIs503WithRetryAfterIfKnown) {
  const Exhaustion attempted =
      describe_it({answered(429), answered(500)}, everybody_out({}, at(3s)));
  EXPECT_EQ(attempted.status, 503U);
  EXPECT_EQ(attempted.retry_after, 3s);
  const Exhaustion out_before = describe_it({answered(429)}, everybody_out({.faulty = 1}, at(3s)));
  EXPECT_EQ(out_before.status, 503U);
}

TEST(Exhaustion, AttemptsUsedUpLooksAtTheAttemptsOnly) {
  Exhausted more_left = everybody_out({.faulty = 2}, at(0s));
  more_left.has_usable = true;
  EXPECT_EQ(describe_it({answered(429), answered(429)}, more_left).status, 429U);
  EXPECT_EQ(describe_it({answered(429), answered(500)}, more_left).status, 503U);
}

TEST(Exhaustion, ALastTimeoutIs504) {
  const Outcome timeout = outcome_of_fault(Fault::timed_out);
  const Exhaustion e = describe_it({answered(429), timeout}, everybody_out({}, at(2s)));
  EXPECT_EQ(e.status, 504U);
  EXPECT_EQ(e.code, "spillway_pool_timeout");
  EXPECT_EQ(e.retry_after, 2s);
  EXPECT_EQ(describe_it({timeout, answered(500)}, everybody_out({})).status, 503U);
}

TEST(Exhaustion, ARefusedCredentialIsNeverThe401OfTheCaller) {
  for (const auto& [outcomes, out] :
       {std::pair{std::vector<Outcome>{answered(401)}, Exhausted::Out{}},
        {{answered(403), answered(401)}, {}},
        {{}, {.refusing = 1}},
        {{answered(401)}, {.refusing = 1, .missing = 1}}}) {
    const Exhaustion e = describe_it(outcomes, everybody_out(out, at(30s)));
    EXPECT_EQ(e.status, 502U);
    EXPECT_EQ(e.code, "spillway_backend_credential");
    EXPECT_TRUE(e.should_not_retry);
    EXPECT_FALSE(e.retry_after);
  }
  EXPECT_EQ(describe_it({answered(401), answered(429)}, everybody_out({})).status, 503U);
}

TEST(Exhaustion, ADeploymentMissingEverywhereIs404) {
  const Outcome missing = of_kind(OutcomeKind::deployment_missing, 404);
  const Exhaustion e = describe_it({missing}, everybody_out({.missing = 1}, at(30s)));
  EXPECT_EQ(e.status, 404U);
  EXPECT_EQ(e.code, "DeploymentNotFound");
}

TEST(Exhaustion, NoCredentialOnlyWhenNobodyIsLeftForThatReasonAlone) {
  const Outcome none = of_kind(OutcomeKind::no_credential);
  const Exhaustion alone = describe_it({none, none}, everybody_out({}));
  EXPECT_EQ(alone.status, 503U);
  EXPECT_EQ(alone.code, "spillway_no_credential");
  EXPECT_EQ(describe_it({none}, everybody_out({.throttled = 1})).code, "spillway_pool_unavailable");
  EXPECT_EQ(describe_it({none, answered(429)}, everybody_out({})).code,
            "spillway_pool_unavailable");
  Exhausted said;
  said.all_without_credential = true;
  EXPECT_EQ(describe_it({}, said).code, "spillway_no_credential");
}

TEST(Exhaustion, WhereNoBreakerOpenedTheBackendsOwnTimesCountBounded) {
  EXPECT_EQ(
      describe_it({told_to_wait(429, 20s), told_to_wait(429, 9s)}, everybody_out({})).retry_after,
      9s);
  EXPECT_EQ(describe_it({told_to_wait(429, 24h)}, everybody_out({})).retry_after, 2min);
}

TEST(Exhaustion, ARecoveryInThePastIsNow) {
  EXPECT_EQ(describe_it({}, everybody_out({.throttled = 1}, at(-5s))).retry_after, 0s);
}

TEST(Exhaustion, NobodyComesBackEarly) {
  EXPECT_EQ(retry_after_seconds(0s), 1U);
  EXPECT_EQ(retry_after_seconds(1ns), 2U);
  EXPECT_EQ(retry_after_seconds(2s), 3U);
  EXPECT_EQ(retry_after_seconds(2001ms), 4U);
  EXPECT_EQ(retry_after_milliseconds(0s), 1U);
  EXPECT_EQ(retry_after_milliseconds(1500us), 2U);
  EXPECT_EQ(retry_after_milliseconds(2s), 2000U);
}

}  // namespace
}  // namespace spillway::routing::test
