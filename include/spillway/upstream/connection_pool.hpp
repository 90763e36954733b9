#pragma once
// Idle connections of one worker, kept for reuse: the last one put back is the first taken, so that
// the others grow old and close. One worker owns a pool; nothing here waits.

#include <spillway/base/time.hpp>
#include <spillway/upstream/connection.hpp>

#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace spillway::upstream {

class ConnectionPool {
 public:
  /// So many to a target are kept however long nobody wants them, up to kMaxIdle.
  static constexpr std::size_t kMaxIdlePerTarget = 64;
  /// And so many while they are wanted now and then: with a thousand requests under way each that
  /// ends would close a connection, and the next would open one.
  static constexpr std::size_t kMaxIdleUnderLoad = 4096;
  static constexpr base::Duration kMaxSurplusIdle = std::chrono::seconds(2);
  // Below what front ends usually allow, so that we close first (limits-and-security §4.1).
  static constexpr base::Duration kMaxIdle = std::chrono::seconds(50);
  static constexpr base::Duration kMaxAge = std::chrono::minutes(10);

  /// A quiet idle connection to exactly this target, or null.
  std::unique_ptr<Connection> take(const std::shared_ptr<const Target>& target,
                                   base::SteadyTime now);
  /// The connection's last message must have ended by its own framing.
  void put(std::unique_ptr<Connection> connection, base::SteadyTime now);
  /// Closes what is too old, no longer quiet or not wanted any more, and forgets targets without
  /// connections.
  void sweep(base::SteadyTime now);
  /// Closes those to any other target: backends that a reload removed or changed.
  void keep_only(const std::unordered_set<const Target*>& targets);
  void close_all();

  [[nodiscard]] std::size_t idle_count() const;

 private:
  using Idle = std::vector<std::unique_ptr<Connection>>;  // the longest idle first

  std::unordered_map<const Target*, Idle> idle_;
};

}  // namespace spillway::upstream
