#pragma once
// An immutable value that one thread publishes and others read: the control thread replaces it, a
// reader keeps the shared_ptr it got for as long as it likes. The lock is held for a pointer copy.
// (std::atomic<shared_ptr> of GCC 12 is reported as a race by TSan; docs/toolchain-notes.md.)

#include <memory>
#include <mutex>
#include <utility>

namespace spillway::base {

template <class T>
class Published {
 public:
  Published() = default;
  explicit Published(std::shared_ptr<const T> value) : value_(std::move(value)) {}

  [[nodiscard]] std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  void set(std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    value_.swap(value);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace spillway::base
