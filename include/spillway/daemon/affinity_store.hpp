#pragma once
// What routing::Affinity has learnt, kept in `server.state_directory`/affinity.sqlite, so that it
// survives a restart. Made and ended by GatewayProcess. Never on the path of a request: changes go
// through a bounded queue to a thread of its own, and are dropped and counted when that is full; an
// id that is lost is merely searched for (docs/affinity.md).

#include <spillway/base/result.hpp>
#include <spillway/base/time.hpp>
#include <spillway/routing/affinity.hpp>
#include <spillway/telemetry/log_line.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::daemon {

struct AffinityStoreSettings {
  std::string directory;  // must exist and be writable
  routing::Affinity::Bounds bounds;
  /// Ids unused for so long are dropped; Azure keeps responses for 30 days.
  std::chrono::hours max_age{24 * 30};
  std::size_t queue_size = 16'384;  // changes that wait for the disk
  /// How long to wait at start for another process to let go of the file.
  std::chrono::milliseconds lock_patience{5'000};
  std::function<base::WallTime()> now = std::chrono::system_clock::now;
};

class AffinityStore final : public routing::AffinityListener {
 public:
  using OnEvent = std::function<void(telemetry::LogLevel, std::string_view name,
                                     std::vector<std::pair<std::string_view, std::string>> fields)>;

  /// Opens or creates the file, prunes it, restores its ids into `affinity` and starts the thread.
  /// A corrupt file is set aside as affinity.sqlite.corrupt, which is logged, and a new one begun.
  /// Error (naming file and way out): no such directory, not writable, in use by another process,
  /// of a newer version, or not ours. `on_event` may be called from any thread.
  static base::Result<std::unique_ptr<AffinityStore>> open(const AffinityStoreSettings& settings,
                                                           routing::Affinity& affinity,
                                                           OnEvent on_event);
  /// Writes what waits, then closes. Afterwards nobody may learn: after the workers have ended.
  ~AffinityStore() override;

  void on_learnt(std::string_view client, std::string_view id, std::string_view backend) override;
  void on_forgotten(std::string_view client, std::string_view id) override;

  /// Returns when everything told before is on its way to the disk. Blocking: not for workers.
  void flush();

  /// Writes what waits and closes the file, so that the process that takes over may open it; false:
  /// not within the time. What is told afterwards waits in the queue. Blocking: not for workers.
  bool release(std::chrono::milliseconds patience);
  /// After release(): the other process did not come to it. The file is opened again and what
  /// waits is written.
  void resume();

  /// Changes lost to a full queue or a failed write.
  [[nodiscard]] std::uint64_t lost_count() const;

 private:
  class Writer;
  explicit AffinityStore(std::unique_ptr<Writer> writer);

  std::unique_ptr<Writer> writer_;
};

}  // namespace spillway::daemon
