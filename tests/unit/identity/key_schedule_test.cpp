#include <spillway/identity/key_schedule.hpp>

#include <gtest/gtest.h>

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using State = EntraKeysStatus::State;

const base::SteadyTime kStart = base::SteadyTime(1h);

TEST(KeyBackoff, DoublesFromASecondToFiveMinutes) {
  EXPECT_EQ(key_backoff(1, 0.0), 1s);
  EXPECT_EQ(key_backoff(2, 0.0), 2s);
  EXPECT_EQ(key_backoff(5, 0.0), 16s);
  EXPECT_EQ(key_backoff(9, 0.0), 256s);
  EXPECT_EQ(key_backoff(10, 0.0), 5min);
  EXPECT_EQ(key_backoff(4000000000U, 0.0), 5min);
  EXPECT_EQ(key_backoff(3, 0.5), 3500ms);
  EXPECT_GE(key_backoff(1, 0.999), 750ms);
}

TEST(KeySchedule, FetchesAtOnceAndThenHourly) {
  KeySchedule schedule(kStart);
  EXPECT_EQ(schedule.next_fetch(), kStart);
  EXPECT_EQ(schedule.state(), State::refreshing);
  schedule.note_began();
  schedule.note_fetched(kStart + 1s, 0.0);
  EXPECT_EQ(schedule.state(), State::ok);
  EXPECT_EQ(schedule.next_fetch(), kStart + 1s + 1h);
  schedule.note_began();
  EXPECT_EQ(schedule.state(), State::refreshing);
  schedule.note_fetched(kStart + 1h, 0.5);
  EXPECT_EQ(schedule.next_fetch(), kStart + 1h + 57min);
  schedule.note_fetched(kStart, 0.9999);
  EXPECT_GE(schedule.next_fetch(), kStart + 54min);
}

TEST(KeySchedule, BacksOffWhileItFailsAndForgetsThatAfterwards) {
  KeySchedule schedule(kStart);
  schedule.note_began();
  schedule.note_failure("v1: timed_out", kStart, 0.0);
  EXPECT_EQ(schedule.state(), State::failing);
  EXPECT_EQ(schedule.last_error(), "v1: timed_out");
  EXPECT_EQ(schedule.next_fetch(), kStart + 1s);
  schedule.note_began();
  EXPECT_EQ(schedule.state(), State::failing) << "until one succeeds";
  schedule.note_failure("v1: status 500", kStart + 1s, 0.0);
  EXPECT_EQ(schedule.next_fetch(), kStart + 3s);
  EXPECT_EQ(schedule.failures_in_a_row(), 2U);
  schedule.note_fetched(kStart + 3s, 0.0);
  EXPECT_EQ(schedule.last_error(), "");
  schedule.note_failure("again", kStart + 1h, 0.0);
  EXPECT_EQ(schedule.next_fetch(), kStart + 1h + 1s);
}

TEST(KeySchedule, AnUnknownKeyIsFetchedAtOnceButOnceInFiveMinutes) {
  KeySchedule schedule(kStart);
  schedule.note_fetched(kStart, 0.0);
  schedule.note_unknown_key(kStart + 10s);
  EXPECT_EQ(schedule.next_fetch(), kStart + 10s);
  schedule.note_unknown_key(kStart + 10s);
  EXPECT_EQ(schedule.next_fetch(), kStart + 10s) << "already on its way";
  schedule.note_fetched(kStart + 11s, 0.0);
  for (int i = 12; i < 300; ++i)
    schedule.note_unknown_key(kStart + i * 1s);
  EXPECT_EQ(schedule.next_fetch(), kStart + 10s + 5min);
  schedule.note_fetched(kStart + 311s, 0.0);
  schedule.note_unknown_key(kStart + 312s);
  EXPECT_EQ(schedule.next_fetch(), kStart + 10s + 10min);
  schedule.note_fetched(kStart + 10s + 10min, 0.0);
  schedule.note_unknown_key(kStart + 40min);
  EXPECT_EQ(schedule.next_fetch(), kStart + 40min) << "long ago";
}

TEST(KeySchedule, AStormOfUnknownKeysIsAtMostAFetchInFiveMinutes) {
  KeySchedule schedule(kStart);
  int fetches = 0;
  for (auto now = kStart; now < kStart + 50min; now += 1s) {
    schedule.note_unknown_key(now);
    if (now < schedule.next_fetch()) continue;
    ++fetches;
    schedule.note_fetched(now, 0.0);
  }
  EXPECT_LE(fetches, 11);
  EXPECT_GE(fetches, 10);
}

TEST(KeySchedule, AnUnknownKeyDoesNotDelayTheHourlyFetch) {
  KeySchedule schedule(kStart);
  schedule.note_fetched(kStart, 0.0);
  schedule.note_unknown_key(kStart + 58min);
  schedule.note_fetched(kStart + 58min, 0.0);
  schedule.note_unknown_key(kStart + 59min);
  EXPECT_EQ(schedule.next_fetch(), kStart + 63min);
}

TEST(KeySchedule, AnUnknownKeyDoesNotShortenABackoff) {
  KeySchedule schedule(kStart);
  schedule.note_failure("down", kStart, 0.0);
  schedule.note_failure("down", kStart + 1s, 0.0);
  schedule.note_unknown_key(kStart + 1s);
  EXPECT_EQ(schedule.next_fetch(), kStart + 3s);
}

TEST(KeySchedule, KeysAreStaleAfterADay) {
  EXPECT_FALSE(are_keys_stale(kStart, kStart));
  EXPECT_FALSE(are_keys_stale(kStart, kStart + 24h - 1s));
  EXPECT_TRUE(are_keys_stale(kStart, kStart + 24h));
}

}  // namespace
}  // namespace spillway::identity
