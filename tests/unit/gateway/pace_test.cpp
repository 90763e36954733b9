#include <spillway/gateway/pace.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace spillway::gateway {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const base::SteadyTime kStart = base::SteadyTime(hours(3));

Patience patience(std::uint64_t received, base::Duration waited, base::Duration since_the_head) {
  return patience_with_body(config::Limits(), {received, waited, since_the_head});
}

TEST(BodyPace, AFastBodyMayPauseForTheBodyTimeout) {
  const Patience allowed = patience(10'000'000, seconds(3), seconds(3));
  EXPECT_EQ(allowed.limit, Limit::body_timeout);
  EXPECT_EQ(allowed.time, seconds(30));
}

TEST(BodyPace, ADripIsCutWhenTheGraceIsOver) {
  EXPECT_EQ(patience(0, seconds(0), seconds(0)).time, seconds(10));
  // A byte every half second: the least deadline stands, however often it is asked for.
  const Patience allowed = patience(12, seconds(6), seconds(6));
  EXPECT_EQ(allowed.limit, Limit::min_body_rate);
  EXPECT_EQ(allowed.time, seconds(4));
  EXPECT_EQ(patience(20, seconds(11), seconds(11)).time, seconds(0));
}

TEST(BodyPace, TheAverageBuysTime) {
  // 256 bytes a second: 5120 bytes are good for 20 seconds.
  const Patience allowed = patience(5'120, seconds(15), seconds(15));
  EXPECT_EQ(allowed.limit, Limit::min_body_rate);
  EXPECT_EQ(allowed.time, seconds(5));
}

TEST(BodyPace, TimeThatABackendTookIsNotTheClients) {
  const Patience allowed = patience(1'000, seconds(1), minutes(10));
  EXPECT_EQ(allowed.limit, Limit::min_body_rate);
  EXPECT_EQ(allowed.time, seconds(9));
}

TEST(BodyPace, TheWholeBodyHasItsTime) {
  const Patience allowed = patience(1ULL << 40U, seconds(1), minutes(30) - seconds(2));
  EXPECT_EQ(allowed.limit, Limit::max_body_time);
  EXPECT_EQ(allowed.time, seconds(2));
  EXPECT_EQ(patience(1ULL << 40U, seconds(1), hours(2)).time, seconds(0));
}

TEST(BodyPace, WithoutRateAndTimeOnlyThePauseCounts) {
  config::Limits limits;
  limits.min_body_rate = 0;
  limits.max_body_time = seconds(0);
  const Patience allowed = patience_with_body(limits, {0, hours(1), hours(1)});
  EXPECT_EQ(allowed.limit, Limit::body_timeout);
  EXPECT_EQ(allowed.time, seconds(30));
}

class WritePaceTest : public ::testing::Test {
 protected:
  std::optional<Limit> look_after(base::Duration time, std::uint64_t unsent) {
    now += time;
    return pace.look(limits, now, unsent);
  }

  config::Limits limits;
  WritePace pace;
  base::SteadyTime now = kStart;
};

TEST_F(WritePaceTest, NothingTakenForTheWriteTimeoutIsTooLong) {
  pace.wrote(100'000);
  pace.block(now, 100'000);
  EXPECT_FALSE(look_after(seconds(59), 100'000));
  EXPECT_EQ(look_after(seconds(1), 100'000), Limit::write_timeout);
}

TEST_F(WritePaceTest, APauseIsForgivenWhenTheClientGoesOn) {
  pace.wrote(100'000);
  pace.block(now, 100'000);
  EXPECT_FALSE(look_after(seconds(55), 100'000));
  EXPECT_FALSE(look_after(seconds(1), 40'000));
  EXPECT_FALSE(look_after(seconds(59), 40'000));
}

TEST_F(WritePaceTest, AByteNowAndThenIsTooSlow) {
  pace.wrote(100'000);
  pace.block(now, 100'000);
  EXPECT_FALSE(look_after(seconds(9), 99'999)) << "within the grace";
  EXPECT_EQ(look_after(seconds(9), 99'998), Limit::min_write_rate);
}

TEST_F(WritePaceTest, SlowButFastEnoughIsFine) {
  pace.wrote(1'000'000);
  pace.block(now, 1'000'000);
  for (std::uint64_t taken = 300; taken <= 30'000; taken += 300)
    ASSERT_FALSE(look_after(seconds(1), 1'000'000 - taken)) << taken;
}

TEST_F(WritePaceTest, OnlyTimeSpentBlockedCounts) {
  // An hour of a backend that says little: each piece is taken at once, or after a moment.
  for (int event = 0; event < 3'600; ++event) {
    now += seconds(1);
    pace.wrote(20);
    pace.block(now, 20);
    ASSERT_FALSE(look_after(milliseconds(1), 0));
    pace.unblock(now, 0);
  }
}

TEST_F(WritePaceTest, ProgressMadeBeforeBuysNoTime) {
  pace.wrote(1'000'000'000);
  pace.block(now, 1'000);
  EXPECT_FALSE(look_after(seconds(5), 999));
  EXPECT_EQ(look_after(seconds(6), 998), Limit::min_write_rate);
}

TEST_F(WritePaceTest, ManyShortWaitsAreOneLongOne) {
  limits.min_write_rate = 1U << 20U;
  for (int wait = 0; wait < 12; ++wait) {
    pace.wrote(1'000);
    pace.block(now, 1'000);
    now += milliseconds(900);
    pace.unblock(now, 0);
    EXPECT_EQ(pace.unlooked(), milliseconds(900) * (wait + 1));
  }
  pace.wrote(1'000);
  pace.block(now, 1'000);
  EXPECT_EQ(look_after(milliseconds(100), 1'000), Limit::min_write_rate);
  EXPECT_EQ(pace.unlooked(), seconds(0));
}

TEST_F(WritePaceTest, ARateOfNoughtIsNone) {
  limits.min_write_rate = 0;
  pace.wrote(1'000);
  pace.block(now, 1'000);
  for (std::uint64_t left = 999; left > 900; --left)
    ASSERT_FALSE(look_after(seconds(50), left));
}

}  // namespace
}  // namespace spillway::gateway
