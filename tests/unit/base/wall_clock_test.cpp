#include <spillway/base/wall_clock.hpp>

#include <gtest/gtest.h>

namespace spillway::base {
namespace {

using namespace std::chrono_literals;

class MovedClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime steady_now() const override { return SteadyTime(1h) + passed; }
  [[nodiscard]] WallTime wall_now() const override { return WallTime(1000h) + passed + set_by; }

  Duration passed{};
  Duration set_by{};  // by somebody
};

TEST(WallClock, TellsWhatTheWallClockShowsAtAMoment) {
  MovedClock clock;
  WallClock wall(clock);
  EXPECT_EQ(wall.at(clock.steady_now()), clock.wall_now());
  clock.passed = 300ms;
  EXPECT_EQ(wall.at(clock.steady_now()), clock.wall_now());
  EXPECT_EQ(wall.at(clock.steady_now() - 200ms), clock.wall_now() - 200ms);
}

TEST(WallClock, FollowsAClockThatWasSetWithinASecond) {
  MovedClock clock;
  WallClock wall(clock);
  static_cast<void>(wall.at(clock.steady_now()));
  clock.set_by = -2h;
  clock.passed = WallClock::kLooksAgainAfter;
  EXPECT_EQ(wall.at(clock.steady_now()), clock.wall_now());
}

}  // namespace
}  // namespace spillway::base
