#pragma once
// What happened within the last interval, in bounded memory: the exact times of the last few
// events, or counts in slices of time where events are too many to keep. Both are clockless and not
// thread-safe; time that steps back is taken as standing still.

#include <spillway/base/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace spillway::routing {

/// Answers "did `count` events fall within `interval`?" exactly, for counts up to kMaxCount, by
/// keeping the times of the last events and nothing else.
class EventTimes {
 public:
  /// 16 KiB of time points at most; grows with the counts asked for.
  static constexpr std::size_t kMaxCount = 2048;

  /// Notes an event, then tells whether the last `count` events (this one included) lie within
  /// `interval`. A count of 0 is taken as 1, one above kMaxCount as kMaxCount.
  bool add(std::size_t count, base::Duration interval, base::SteadyTime now);

  void clear() { times_.clear(), next_ = 0; }

 private:
  void grow(std::size_t count);

  std::vector<base::SteadyTime> times_;  // a ring once it is full
  std::size_t next_ = 0;                 // where the next time goes: the oldest of a full ring
  std::size_t capacity_ = 1;
};

/// Two sums over the last interval, kept in slices of 1/kSlices of it: nothing older than the
/// interval is counted, and all that is younger than 59/60 of it is.
class SlidingCounts {
 public:
  static constexpr std::size_t kSlices = 60;

  struct Sums {
    std::uint64_t total = 0;
    std::uint64_t marked = 0;
  };

  explicit SlidingCounts(base::Duration interval);

  [[nodiscard]] base::Duration interval() const { return interval_; }

  void add_total(base::SteadyTime now) { ++slice_at(now).sums.total; }
  void add_marked(base::SteadyTime now) { ++slice_at(now).sums.marked; }
  /// `within` is at most interval(), and should not be less than a few slices of it: it is rounded
  /// down to whole ones.
  [[nodiscard]] Sums sums(base::Duration within, base::SteadyTime now) const;

 private:
  struct Slice {
    std::int64_t number = -1;  // slices since the clock's epoch
    Sums sums;
  };

  [[nodiscard]] std::int64_t number_at(base::SteadyTime now) const;
  Slice& slice_at(base::SteadyTime now);

  base::Duration interval_;
  base::Duration slice_length_;
  std::array<Slice, kSlices> slices_{};
};

}  // namespace spillway::routing
