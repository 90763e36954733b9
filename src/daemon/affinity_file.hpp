#pragma once
// The file of AffinityStore: its schema, its bounds, reading and writing. One thread at a time.

#include "sqlite_database.hpp"
#include <spillway/base/result.hpp>
#include <spillway/base/time.hpp>
#include <spillway/routing/affinity.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::daemon {

/// What happened to an id.
struct AffinityChange {
  std::string client;  // empty, if forgotten: of whichever client
  std::string id;
  std::string backend;  // empty: forgotten
  base::WallTime at;
};

class AffinityFile {
 public:
  using Trouble = Database::Trouble;
  using Visit =
      std::function<void(std::string_view client, std::string_view id, std::string_view backend)>;

  /// Waits up to `patience` for another process to let go. Error: in use, of a newer version, not
  /// ours, or cannot be opened or made; nothing in the result: it is corrupt, set it aside.
  static base::Result<std::optional<AffinityFile>> open(const std::string& file,
                                                        std::chrono::milliseconds patience);

  /// Drops what was not used since `oldest`, and of each client what is over the bounds, the least
  /// recently used first; where all together are too many, of the clients that hold most.
  bool prune(const routing::Affinity::Bounds& bounds, base::WallTime oldest);

  /// Every id, of each client the least recently used first.
  bool visit(const Visit& visit);

  /// All of them or none.
  bool write(const std::vector<AffinityChange>& changes);

  /// After one of the above gave false.
  [[nodiscard]] Trouble trouble() const { return database_->trouble(); }
  [[nodiscard]] std::string error_text() const { return database_->error_text(); }

 private:
  struct Statements {
    explicit Statements(Database& database);

    Statement learn;
    Statement forget;
    Statement forget_all;
  };

  explicit AffinityFile(std::unique_ptr<Database> database);
  std::vector<std::string> clients();
  bool apply(const AffinityChange& change);

  std::unique_ptr<Database> database_;
  std::unique_ptr<Statements> statements_;  // after the database they belong to
};

}  // namespace spillway::daemon
