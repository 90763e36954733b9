#pragma once
// The wall time of a moment that the steady clock was asked for already: the system is asked once a
// second, not once more for each request. One thread.

#include <spillway/base/clock.hpp>
#include <spillway/base/time.hpp>

namespace spillway::base {

class WallClock {
 public:
  static constexpr Duration kLooksAgainAfter = std::chrono::seconds(1);

  /// `clock` outlives this.
  explicit WallClock(const Clock& clock = system_clock()) : clock_(clock) {}

  /// What the wall clock showed, or will show, at that moment. When somebody sets the system's
  /// clock, this is late by up to a second.
  [[nodiscard]] WallTime at(SteadyTime moment);

 private:
  const Clock& clock_;
  SteadyTime steady_;  // when it was looked at
  WallTime wall_;      // what it showed then; the epoch: it was not yet
};

}  // namespace spillway::base
