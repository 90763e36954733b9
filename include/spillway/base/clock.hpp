#pragma once
// A clock as an object, for what lives longer than one decision and reads the time by itself
// (tokens, keys): the system's, or in tests one moved by hand. Pure decisions take `now` as an
// argument instead.

#include <spillway/base/time.hpp>

namespace spillway::base {

/// Any thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual SteadyTime steady_now() const { return SteadyClock::now(); }
  [[nodiscard]] virtual WallTime wall_now() const { return std::chrono::system_clock::now(); }
};

/// Lives as long as the process.
const Clock& system_clock();

}  // namespace spillway::base
