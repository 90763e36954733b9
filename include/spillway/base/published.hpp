#pragma once
// An immutable value that one thread publishes and others read: the control thread replaces it, a
// reader keeps the shared_ptr it got for as long as it likes. The lock is held for a pointer copy.
// (std::atomic<shared_ptr> of GCC 12 is reported as a race by TSan; docs/toolchain-notes.md.)
//
// What is read for every request is looked at: each thread keeps what it saw last, and as long as
// nothing new was published, that is one comparison, without a lock or a count.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace spillway::base {

/// What a thread saw of what others publish. A place is shared by several, and remembers the last.
struct Seen {
  /// Of the value; no two that were ever published have the same. 0: nothing.
  std::uint64_t stamp = 0;
  std::shared_ptr<const void> value;

  /// This thread's place for what is published at `where`.
  static Seen& at(const void* where);
  static std::uint64_t next_stamp();
  /// What this thread saw is not held any longer.
  static void forget();
};

template <class T>
class Published {
 public:
  Published() = default;
  explicit Published(std::shared_ptr<const T> value) { set(std::move(value)); }

  [[nodiscard]] std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  /// The same at a glance; null as get(). Lives until this thread looks at anything again. A value
  /// that was replaced is held by threads that looked at it, until they look again or forget, as
  /// the workers do once a second.
  [[nodiscard]] const T* look() const {
    Seen& seen = Seen::at(this);
    if (seen.stamp != stamp_.load(std::memory_order_acquire)) {
      std::shared_ptr<const void> former;  // goes when all is in its place
      const std::lock_guard lock(mutex_);
      former = std::exchange(seen.value, value_);
      seen.stamp = stamp_.load(std::memory_order_relaxed);
    }
    return static_cast<const T*>(seen.value.get());
  }

  void set(std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    value_.swap(value);
    stamp_.store(value_ ? Seen::next_stamp() : 0, std::memory_order_release);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
  std::atomic<std::uint64_t> stamp_{0};
};

}  // namespace spillway::base
