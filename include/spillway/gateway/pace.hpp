#pragma once
// How slow a client may be: with its request's body, and with taking its answer. Pure: bytes and
// times are arguments. Only time spent waiting for the client counts, so that a slow backend is
// never held against it.

#include <spillway/base/time.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/gateway/limit_counters.hpp>

#include <cstdint>
#include <optional>

namespace spillway::gateway {

/// How long may be waited, and which limit is passed then.
struct Patience {
  base::Duration time{};
  Limit limit = Limit::body_timeout;
};

struct BodyProgress {
  std::uint64_t received = 0;       // bytes of body, framing not counted
  base::Duration waited{};          // for the client, in all reads so far
  base::Duration since_the_head{};  // on the clock
};

/// For the next bytes of a request's body: body_timeout, what min_body_rate leaves, what
/// max_body_time leaves; the least of them.
Patience patience_with_body(const config::Limits& limits, const BodyProgress& progress);

/// Judges a client that does not take its answer as fast as it comes. One for each answer.
class WritePace {
 public:
  /// So many bytes went to the system.
  void wrote(std::uint64_t bytes) { written_ += static_cast<std::int64_t>(bytes); }
  /// The system takes no more. `unsent`: bytes that it holds and the client has not acknowledged.
  void block(base::SteadyTime now, std::uint64_t unsent);
  /// While blocked, now and then. The limit that has been passed, if one has: write_timeout without
  /// any progress for so long; min_write_rate with progress that is too slow on average.
  std::optional<Limit> look(const config::Limits& limits, base::SteadyTime now,
                            std::uint64_t unsent);
  /// The system takes more again.
  void unblock(base::SteadyTime now, std::uint64_t unsent) { advance(now, unsent); }
  /// How long we were blocked since the last look: many short waits are one long one.
  [[nodiscard]] base::Duration unlooked() const { return unlooked_; }

 private:
  void advance(base::SteadyTime now, std::uint64_t unsent);

  std::int64_t written_ = 0;
  std::int64_t taken_ = 0;          // by the client, when last looked at
  std::int64_t taken_blocked_ = 0;  // of these, while we were blocked
  bool has_progressed_ = false;     // since the last look
  base::SteadyTime counted_until_;  // blocked time
  base::SteadyTime progress_at_;
  base::Duration blocked_{};
  base::Duration unlooked_{};  // of that
};

}  // namespace spillway::gateway
