#include "support/test_clocks.hpp"
#include <spillway/base/wall_clock.hpp>

#include <gtest/gtest.h>

namespace spillway::base {
namespace {

using namespace std::chrono_literals;

TEST(WallClock, TellsWhatTheWallClockShowsAtAMoment) {
  support::StillClock clock;
  WallClock wall(clock);
  EXPECT_EQ(wall.at(clock.steady_now()), clock.wall_now());
  clock.advance(300ms);
  EXPECT_EQ(wall.at(clock.steady_now()), clock.wall_now());
  EXPECT_EQ(wall.at(clock.steady_now() - 200ms), clock.wall_now() - 200ms);
}

TEST(WallClock, FollowsAClockThatWasSetWithinASecond) {
  support::StillClock clock;
  WallClock wall(clock);
  static_cast<void>(wall.at(clock.steady_now()));
  clock.set_wall_back(2h);
  clock.advance(WallClock::kLooksAgainAfter);
  EXPECT_EQ(wall.at(clock.steady_now()), clock.wall_now());
}

}  // namespace
}  // namespace spillway::base
