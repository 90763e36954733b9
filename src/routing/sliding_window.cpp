#include <spillway/routing/sliding_window.hpp>

#include <algorithm>

namespace spillway::routing {

bool EventTimes::add(std::size_t count, base::Duration interval, base::SteadyTime now) {
  count = std::clamp<std::size_t>(count, 1, kMaxCount);
  if (count > capacity_) grow(count);
  if (times_.size() < capacity_) {
    times_.push_back(now);
    next_ = times_.size() % capacity_;
  } else {
    times_[next_] = now;
    next_ = (next_ + 1) % capacity_;
  }
  if (times_.size() < count) return false;
  const std::size_t newest = next_ + times_.size() - 1;
  const base::SteadyTime first = times_[(newest + 1 - count) % times_.size()];
  return now - first <= interval;
}

void EventTimes::grow(std::size_t count) {
  if (!times_.empty()) {
    const std::size_t oldest = times_.size() == capacity_ ? next_ : 0;
    std::rotate(times_.begin(), times_.begin() + static_cast<std::ptrdiff_t>(oldest), times_.end());
  }
  capacity_ = count;
  times_.reserve(capacity_);
  next_ = times_.size();
}

SlidingCounts::SlidingCounts(base::Duration interval)
    : interval_(interval),
      slice_length_(std::max(interval / static_cast<std::int64_t>(kSlices), base::Duration(1))) {}

std::int64_t SlidingCounts::number_at(base::SteadyTime now) const {
  return now.time_since_epoch() / slice_length_;
}

SlidingCounts::Slice& SlidingCounts::slice_at(base::SteadyTime now) {
  const std::int64_t number = number_at(now);
  Slice& slice = slices_[static_cast<std::uint64_t>(number) % kSlices];
  if (slice.number < number) slice = {number, {}};
  return slice;
}

SlidingCounts::Sums SlidingCounts::sums(base::Duration within, base::SteadyTime now) const {
  const auto slices = std::clamp<std::int64_t>(within / slice_length_, 1, std::int64_t{kSlices});
  const std::int64_t oldest = number_at(now) - slices + 1;
  Sums all;
  for (const Slice& slice : slices_) {
    if (slice.number < oldest) continue;
    all.total += slice.sums.total;
    all.marked += slice.sums.marked;
  }
  return all;
}

}  // namespace spillway::routing
