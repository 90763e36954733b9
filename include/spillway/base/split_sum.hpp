#pragma once
// A sum that several threads add to and somebody reads now and then. Each thread has a part of its
// own, on a cache line of its own: adding is no locked instruction, and disturbs nobody.

#include <atomic>
#include <cstdint>
#include <forward_list>
#include <mutex>

namespace spillway::base {

class SplitSum {
 public:
  /// What one thread adds to; two never add to the same part at the same time.
  class alignas(64) Part {
   public:
    void add(std::uint64_t more) { set(value() + more); }
    void subtract(std::uint64_t less) { set(value() - less); }

   private:
    friend class SplitSum;
    [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }
    void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }

    std::atomic<std::uint64_t> value_{0};
  };

  /// One more part, which lives as long as this. Any thread.
  [[nodiscard]] Part& new_part() {
    const std::lock_guard lock(mutex_);
    return parts_.emplace_front();
  }

  /// All parts together. Any thread; what is being added meanwhile is in it or not.
  [[nodiscard]] std::uint64_t load() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const Part& part : parts_)
      sum += part.value();
    return sum;
  }

 private:
  mutable std::mutex mutex_;
  std::forward_list<Part> parts_;
};

}  // namespace spillway::base
