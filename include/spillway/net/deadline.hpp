#pragma once
// Deadlines on one coarse wheel per worker. Moving a deadline is assigning a time point; the wheel
// looks at it when the old time comes and files it again if it has moved. A timer of its own for
// each would be a system call for each.

#include <spillway/base/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace spillway::net {

class DeadlineWheel;

/// Runs an action once when its time has come, at most one tick (20 ms) late. Owned by what it
/// guards; the action usually closes a stream. Not thread-safe, not movable.
class Deadline {
 public:
  Deadline(DeadlineWheel& wheel, std::function<void()> on_expiry);
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline();

  void set(base::SteadyTime when);
  /// From the wheel's idea of now, which is at most one tick old.
  void set_after(base::Duration duration);
  void clear();
  [[nodiscard]] bool is_expired() const { return is_expired_; }

 private:
  friend class DeadlineWheel;
  void unlink();

  DeadlineWheel& wheel_;
  std::function<void()> on_expiry_;
  base::SteadyTime when_ = base::SteadyTime::max();
  base::SteadyTime filed_for_ = base::SteadyTime::max();
  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
  Deadline** head_ = nullptr;  // of the slot this is in; null: in none
  bool is_expired_ = false;
};

class DeadlineWheel {
 public:
  static constexpr base::Duration kTick = std::chrono::milliseconds(20);

  explicit DeadlineWheel(base::SteadyTime now) : now_(now), position_(tick_of(now)) {}
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;

  /// Runs what is due. The worker calls it once a tick, tests whenever they like.
  void advance(base::SteadyTime now);
  [[nodiscard]] base::SteadyTime now() const { return now_; }

 private:
  friend class Deadline;
  static constexpr std::size_t kSlots = 512;  // about ten seconds; later ones are filed again

  static std::int64_t tick_of(base::SteadyTime time) { return time.time_since_epoch() / kTick; }
  void file(Deadline& deadline);
  void turn_slot(std::size_t slot);

  base::SteadyTime now_;
  std::int64_t position_;
  std::array<Deadline*, kSlots> slots_{};
};

}  // namespace spillway::net
