#include <spillway/identity/refresh_schedule.hpp>

#include <gtest/gtest.h>

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using TokenState = CredentialStatus::State;

const base::SteadyTime kScheduleNow = base::SteadyTime(1h);

Token token_of(base::Duration life, std::optional<base::Duration> refresh_in = std::nullopt,
               base::SteadyTime at = kScheduleNow) {
  Token token;
  token.text = base::Secret("t");
  token.obtained_at = at;
  token.expires_at = at + life;
  if (refresh_in) token.refresh_at = at + *refresh_in;
  return token;
}

FetchFailure failure_of(std::string description, FailureKind kind = FailureKind::passing) {
  FetchFailure failure;
  failure.kind = kind;
  failure.reason = description.substr(0, description.find(','));
  failure.description = std::move(description);
  return failure;
}

TEST(RefreshTime, WithoutJitter) {
  const struct {
    base::Duration life;
    std::optional<base::Duration> refresh_in;
    base::Duration expected;
  } rows[] = {
      {24h, std::nullopt, 12h},             // long: half
      {2h + 1s, std::nullopt, 1h + 500ms},  // long
      {2h, std::nullopt, 115min},           // five minutes before the end
      {1h, std::nullopt, 55min},
      {10min, std::nullopt, 5min},
      {8min, std::nullopt, 4min},  // short: half
      {10s, std::nullopt, 5s},
      {1s, std::nullopt, 1s},  // never faster than once a second
      {24h, 6h, 6h},           // as suggested
      {24h, 20h, 20h},
      {1h, 59min, 55min},  // but not too late
      {8min, 7min, 4min},
      {1h, 10min, 10min},
      {1h, 1ms, 1s},
  };
  for (const auto& row : rows)
    EXPECT_EQ(refresh_time(token_of(row.life, row.refresh_in), 0.0) - kScheduleNow, row.expected)
        << row.life.count();
}

TEST(RefreshTime, JitterMakesItEarlierByATenthAtMost) {
  EXPECT_EQ(refresh_time(token_of(20h), 0.5) - kScheduleNow, 10h - 30min);
  for (const double jitter : {0.0, 0.1, 0.5, 0.999}) {
    const auto wait = refresh_time(token_of(24h), jitter) - kScheduleNow;
    EXPECT_LE(wait, 12h);
    EXPECT_GE(wait, 12h - 72min);
  }
  EXPECT_EQ(refresh_time(token_of(1s), 0.99) - kScheduleNow, 1s);
}

TEST(Backoff, DoublesUpToAMinute) {
  const base::Duration expected[] = {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s};
  unsigned failures = 0;
  for (const base::Duration wait : expected)
    EXPECT_EQ(backoff(++failures, {}, 0.0), wait) << failures;
  EXPECT_EQ(backoff(4'000'000'000U, {}, 0.0), 60s);
  EXPECT_EQ(backoff(3, {}, 0.5), 3500ms);
}

TEST(Backoff, AWrongConfigurationIsAskedForSlowly) {
  const FetchFailure failure = failure_of("invalid_client", FailureKind::lasting);
  EXPECT_EQ(backoff(1, failure, 0.0), 5min);
  EXPECT_EQ(backoff(9, failure, 0.0), 5min);
}

TEST(Backoff, ImdsMayRestartForSeventySeconds) {
  const FetchFailure failure = failure_of("status 410", FailureKind::restarting);
  for (unsigned failures = 1; failures <= 7; ++failures)
    EXPECT_EQ(backoff(failures, failure, 0.0), 10s);
  EXPECT_EQ(backoff(8, failure, 0.0), 60s);
}

TEST(Backoff, AWrongClockIsLookedAtEachMinute) {
  const FetchFailure failure = failure_of("700024", FailureKind::skewed);
  EXPECT_EQ(backoff(1, failure, 0.0), 1min);
  EXPECT_EQ(backoff(5, failure, 0.0), 1min);
}

TEST(Backoff, RetryAfterIsTheLeastAndBelievedForFiveMinutes) {
  FetchFailure failure = failure_of("429");
  failure.retry_after = 10s;
  EXPECT_EQ(backoff(1, failure, 0.0), 10s);
  EXPECT_EQ(backoff(1, failure, 0.99), 10s);
  EXPECT_EQ(backoff(7, failure, 0.0), 60s);
  failure.retry_after = 24h;
  EXPECT_EQ(backoff(1, failure, 0.0), 5min);
}

TEST(RefreshSchedule, BeginsAtOnceAndWithoutAToken) {
  const RefreshSchedule schedule(kScheduleNow);
  EXPECT_EQ(schedule.next_fetch(), kScheduleNow);
  EXPECT_EQ(schedule.status().state, TokenState::refreshing);
  EXPECT_FALSE(schedule.status().expires_at);
}

TEST(RefreshSchedule, ATokenMakesItOkUntilTheNextFetch) {
  RefreshSchedule schedule(kScheduleNow);
  schedule.note_began();
  schedule.note_token(token_of(24h), 0.0);
  EXPECT_EQ(schedule.status().state, TokenState::ok);
  EXPECT_EQ(schedule.status().expires_at, kScheduleNow + 24h);
  EXPECT_EQ(schedule.next_fetch(), kScheduleNow + 12h);
  schedule.note_began();
  EXPECT_EQ(schedule.status().state, TokenState::refreshing);
  EXPECT_EQ(schedule.status().expires_at, kScheduleNow + 24h);
}

TEST(RefreshSchedule, FailuresBackOffAndSayWhy) {
  RefreshSchedule schedule(kScheduleNow);
  schedule.note_began();
  schedule.note_failure(failure_of("timed_out"), kScheduleNow, 0.0);
  EXPECT_EQ(schedule.status().state, TokenState::failing);
  EXPECT_EQ(schedule.status().last_error, "timed_out");
  EXPECT_EQ(schedule.next_fetch(), kScheduleNow + 1s);
  schedule.note_began();
  EXPECT_EQ(schedule.status().state, TokenState::failing);
  schedule.note_failure(failure_of("connect_failed"), kScheduleNow + 1s, 0.0);
  EXPECT_EQ(schedule.next_fetch(), kScheduleNow + 3s);
  EXPECT_EQ(schedule.failures_in_a_row(), 2U);

  schedule.note_token(token_of(1h), 0.0);
  EXPECT_EQ(schedule.status().state, TokenState::ok);
  EXPECT_TRUE(schedule.status().last_error.empty());
  EXPECT_EQ(schedule.failures_in_a_row(), 0U);
  schedule.note_failure(failure_of("again"), kScheduleNow, 0.0);
  EXPECT_EQ(schedule.next_fetch(), kScheduleNow + 1s);
  EXPECT_EQ(schedule.status().expires_at, kScheduleNow + 1h);
}

TEST(RefreshSchedule, TheSameFailureAgainIsNoNews) {
  RefreshSchedule schedule(kScheduleNow);
  const auto note = [&](const std::string& description) {
    return schedule.note_failure(failure_of(description, FailureKind::lasting), kScheduleNow, 0.0);
  };
  EXPECT_EQ(note("7000215, trace 1"), News::first);
  EXPECT_EQ(note("7000215, trace 2"), News::again);
  EXPECT_EQ(schedule.status().last_error, "7000215, trace 2");
  EXPECT_EQ(note("7000222, trace 3"), News::first);
  EXPECT_EQ(note("7000222, trace 4"), News::again);
  schedule.note_token(token_of(1h), 0.0);
  EXPECT_EQ(note("7000222, trace 5"), News::first);
}

TEST(RefreshSchedule, KnowsWhetherATokenStillServes) {
  RefreshSchedule schedule(kScheduleNow);
  EXPECT_FALSE(schedule.has_token(kScheduleNow));
  schedule.note_token(token_of(1h), 0.0);
  schedule.note_failure(failure_of("x"), kScheduleNow + 55min, 0.0);
  EXPECT_TRUE(schedule.has_token(kScheduleNow + 1h - 1ns));
  EXPECT_FALSE(schedule.has_token(kScheduleNow + 1h));
}

TEST(RefreshSchedule, ARefusedTokenIsReplacedButNotInALoop) {
  RefreshSchedule schedule(kScheduleNow);
  schedule.note_refused(kScheduleNow + 1s);
  EXPECT_EQ(schedule.next_fetch(), kScheduleNow);
  schedule.note_token(token_of(24h), 0.0);
  schedule.note_refused(kScheduleNow + 3s);
  EXPECT_EQ(schedule.next_fetch(), kScheduleNow + 10s);
  schedule.note_refused(kScheduleNow + 20s);
  EXPECT_EQ(schedule.next_fetch(), kScheduleNow + 10s);

  schedule.note_token(token_of(24h, std::nullopt, kScheduleNow + 21s), 0.0);
  schedule.note_refused(kScheduleNow + 1h);
  EXPECT_EQ(schedule.next_fetch(), kScheduleNow + 1h);
}

TEST(RefreshSchedule, ARefusalDoesNotShortenABackOffOrDelayARefresh) {
  RefreshSchedule schedule(kScheduleNow);
  schedule.note_token(token_of(10s), 0.0);
  EXPECT_EQ(schedule.next_fetch(), kScheduleNow + 5s);
  schedule.note_refused(kScheduleNow + 1s);
  EXPECT_EQ(schedule.next_fetch(), kScheduleNow + 5s);
  const FetchFailure failure = failure_of("invalid_client", FailureKind::lasting);
  schedule.note_failure(failure, kScheduleNow + 5s, 0.0);
  schedule.note_refused(kScheduleNow + 20s);
  EXPECT_EQ(schedule.next_fetch(), kScheduleNow + 5s + 5min);
}

}  // namespace
}  // namespace spillway::identity
