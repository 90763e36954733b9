#pragma once
// Clocks that a test moves: one that stands still in between, one that goes on beside the system's.

#include <spillway/base/clock.hpp>

#include <atomic>

namespace spillway::support {

/// One thread.
class StillClock final : public base::Clock {
 public:
  void advance(base::Duration by) {
    steady_ += by;
    wall_ += std::chrono::duration_cast<base::WallTime::duration>(by);
  }
  /// As somebody who sets the system's clock.
  void set_wall_back(base::Duration by) {
    wall_ -= std::chrono::duration_cast<base::WallTime::duration>(by);
  }
  [[nodiscard]] base::SteadyTime steady_now() const override { return steady_; }
  [[nodiscard]] base::WallTime wall_now() const override { return wall_; }

 private:
  base::SteadyTime steady_ = base::SteadyTime(std::chrono::hours(1'000));
  base::WallTime wall_ = base::WallTime(std::chrono::seconds(1'795'430'400));
};

/// The system's time, and as much later as it was advanced. Any thread.
class ShiftedClock final : public base::Clock {
 public:
  void advance(base::Duration by) { ahead_.fetch_add(by.count()); }
  [[nodiscard]] base::SteadyTime steady_now() const override {
    return Clock::steady_now() + base::Duration(ahead_.load());
  }
  [[nodiscard]] base::WallTime wall_now() const override {
    const base::Duration ahead(ahead_.load());
    return Clock::wall_now() + std::chrono::duration_cast<base::WallTime::duration>(ahead);
  }

 private:
  std::atomic<base::Duration::rep> ahead_{0};
};

}  // namespace spillway::support
