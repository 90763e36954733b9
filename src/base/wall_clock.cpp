#include <spillway/base/wall_clock.hpp>

namespace spillway::base {

WallTime WallClock::at(SteadyTime moment) {
  if (wall_ == WallTime() || moment - steady_ >= kLooksAgainAfter) {
    steady_ = clock_.steady_now();
    wall_ = clock_.wall_now();
  }
  return wall_ + (moment - steady_);
}

}  // namespace spillway::base
