#pragma once
// What a deployment last said of the room it has left, fading with its age. Kept by BackendState,
// weighed by the headroom balance (docs/balancing.md). Knows no headers: aoai/rate_limit_headers
// reads them.

#include <spillway/base/time.hpp>

#include <atomic>
#include <cstdint>

namespace spillway::routing {

/// Any thread, without a lock: share and time are one word, so that they belong together. Of
/// answers that overtake each other the last one told counts.
class Headroom {
 public:
  /// All the room there is. Also what is assumed of a deployment that says nothing.
  static constexpr std::uint32_t kFull = 1024;
  /// After so long, half of what was used is taken to be free again: limits are refilled over 10 to
  /// 60 seconds, and somebody must ask again to know.
  static constexpr base::Duration kHalfLife = std::chrono::seconds(5);

  /// `room`: the share that is left, 0 to 1.
  void learn(double room, base::SteadyTime now);

  /// The room it can be taken to have, 0 to kFull.
  [[nodiscard]] std::uint32_t at(base::SteadyTime now) const;

 private:
  std::atomic<std::uint64_t> news_ = 0;  // when, in milliseconds, and what share is used
};

}  // namespace spillway::routing
