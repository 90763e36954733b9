#pragma once
// One of a bounded number of places (connections, handshakes, requests of the process), given back
// when its owner goes. Any thread; the number taken is never above the bound, not for a moment.

#include <atomic>
#include <cstdint>
#include <limits>
#include <utility>

namespace spillway::gateway {

class Place {
 public:
  static constexpr std::uint64_t kNoBound = std::numeric_limits<std::uint64_t>::max();

  /// Holds none.
  Place() = default;
  /// Holds none if `most` are taken already. `taken` outlives this.
  static Place take(std::atomic<std::uint64_t>& taken, std::uint64_t most) {
    std::uint64_t now = taken.load(std::memory_order_relaxed);
    do {
      if (now >= most) return {};
    } while (!taken.compare_exchange_weak(now, now + 1, std::memory_order_relaxed));
    return Place(taken);
  }

  Place(Place&& other) noexcept : taken_(std::exchange(other.taken_, nullptr)) {}
  Place& operator=(Place&& other) noexcept {
    if (this != &other) give_back();
    taken_ = std::exchange(other.taken_, nullptr);
    return *this;
  }
  ~Place() { give_back(); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  [[nodiscard]] bool is_held() const { return taken_ != nullptr; }
  void give_back() {
    if (taken_ != nullptr) taken_->fetch_sub(1, std::memory_order_relaxed);
    taken_ = nullptr;
  }

 private:
  explicit Place(std::atomic<std::uint64_t>& taken) : taken_(&taken) {}

  std::atomic<std::uint64_t>* taken_ = nullptr;
};

}  // namespace spillway::gateway
