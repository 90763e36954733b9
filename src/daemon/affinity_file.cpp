#include "affinity_file.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace spillway::daemon {
namespace {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;
using Trouble = Database::Trouble;

// "SPLW", so that the file is never taken for another program's, nor another's for ours.
constexpr std::int64_t kApplicationId = 0x53504C57;
constexpr std::int64_t kSchemaVersion = 1;

// Exclusive: with it WAL needs no shared memory, and a second gateway on the same file is refused.
// Temporary tables in memory: the root file system of a container may be read-only.
constexpr const char* kSetUp =
    "PRAGMA locking_mode=EXCLUSIVE;"
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-8192;"  // KiB; ids come in no order
    "PRAGMA journal_size_limit=4194304;"
    "BEGIN EXCLUSIVE; COMMIT;";

// The index holds every column, so that a file is read from one end to the other at start.
constexpr const char* kCreate =
    "BEGIN EXCLUSIVE;"
    "CREATE TABLE ids ("
    " id TEXT NOT NULL, client TEXT NOT NULL, backend TEXT NOT NULL,"
    " used_at INTEGER NOT NULL,"  // microseconds since 1970
    " PRIMARY KEY (id, client)) WITHOUT ROWID;"
    "CREATE INDEX ids_of_client ON ids (client, used_at, backend);"
    "PRAGMA application_id=1397771351;"
    "PRAGMA user_version=1;"
    "COMMIT;";
static_assert(kApplicationId == 1397771351);

std::int64_t to_microseconds(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

Error file_failure(const std::string& file, const std::string& what) {
  return {Fault::internal, Side::gateway, file + " " + what};
}

Error failure_of(const std::string& file, const Database& database) {
  if (database.trouble() == Trouble::busy) {
    return file_failure(
        file,
        "is in use by another process; give each gateway a server.state_directory of "
        "its own");
  }
  return file_failure(file,
                      "cannot be used: " + database.error_text() +
                          "; make it writable, or move it away (the ids in it will be searched "
                          "for)");
}

std::int64_t ask(Database& database, const char* sql) {
  Statement statement(database, sql);
  return statement.step() ? statement.number(0) : -1;
}

// An error of ours, or nothing; trouble is in the database.
std::optional<Error> check_schema(Database& database, const std::string& file) {
  const std::int64_t application = ask(database, "PRAGMA application_id");
  const std::int64_t version = ask(database, "PRAGMA user_version");
  const std::int64_t tables = ask(database, "SELECT count(*) FROM sqlite_schema");
  if (database.trouble() != Trouble::none) return std::nullopt;
  if (tables == 0 && application == 0) {
    database.execute(kCreate);
    return std::nullopt;
  }
  if (application != kApplicationId) {
    return file_failure(file, "is a database of another program; move it away");
  }
  if (version != kSchemaVersion) {
    return file_failure(file, "was written by another version of Spillway (schema " +
                                  std::to_string(version) + ", this one knows " +
                                  std::to_string(kSchemaVersion) +
                                  "); use that version, or move the file away");
  }
  return std::nullopt;
}

// The number of ids that each client may keep so that all keep at most `ids`: those that hold most
// give way.
std::int64_t fair_share(std::vector<std::int64_t> counts, std::int64_t ids) {
  std::sort(counts.begin(), counts.end());
  std::int64_t left = ids;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::int64_t share = left / static_cast<std::int64_t>(counts.size() - i);
    if (counts[i] > share) return share;
    left -= counts[i];
  }
  return ids;
}

}  // namespace

AffinityFile::Statements::Statements(Database& database)
    : learn(database,
            "INSERT INTO ids (id, client, backend, used_at) VALUES (?1, ?2, ?3, ?4) "
            "ON CONFLICT (id, client) DO UPDATE SET backend=?3, used_at=?4"),
      forget(database, "DELETE FROM ids WHERE id=?1 AND client=?2"),
      forget_all(database, "DELETE FROM ids WHERE id=?1") {}

AffinityFile::AffinityFile(std::unique_ptr<Database> database)
    : database_(std::move(database)), statements_(std::make_unique<Statements>(*database_)) {}

Result<std::optional<AffinityFile>> AffinityFile::open(const std::string& file,
                                                       std::chrono::milliseconds patience) {
  auto database = std::make_unique<Database>(file);
  std::optional<AffinityFile> opened;
  if (database->trouble() == Trouble::none) {
    database->set_patience(static_cast<int>(patience.count()));
    if (database->execute(kSetUp)) {
      if (auto error = check_schema(*database, file)) return std::move(*error);
    }
  }
  if (database->trouble() == Trouble::corrupt) return opened;
  if (database->trouble() != Trouble::none) return failure_of(file, *database);
  opened = AffinityFile(std::move(database));
  // Ours by its mark, yet without its table.
  if (opened->trouble() != Trouble::none) opened.reset();
  return opened;
}

std::vector<std::string> AffinityFile::clients() {
  std::vector<std::string> clients;
  Statement list(*database_, "SELECT DISTINCT client FROM ids");
  while (list.step())
    clients.emplace_back(list.text(0));
  return clients;
}

bool AffinityFile::prune(const routing::Affinity::Bounds& bounds, base::WallTime oldest) {
  database_->clear_trouble();
  Statement drop_old(*database_, "DELETE FROM ids WHERE client=?1 AND used_at<?2");
  Statement count(*database_, "SELECT count(*) FROM ids WHERE client=?1");
  const std::vector<std::string> names = clients();
  std::vector<std::int64_t> counts;
  for (const std::string& client : names) {
    if (!drop_old.bind(1, client).bind(2, to_microseconds(oldest)).run()) return false;
    counts.push_back(count.bind(1, client).step() ? count.number(0) : 0);
    if (!count.run()) return false;
  }
  const std::int64_t share = std::min(fair_share(counts, static_cast<std::int64_t>(bounds.ids)),
                                      static_cast<std::int64_t>(bounds.ids_per_client));
  Statement drop_rest(*database_,
                      "DELETE FROM ids WHERE client=?1 AND used_at<=(SELECT used_at FROM ids "
                      "WHERE client=?1 ORDER BY used_at DESC LIMIT 1 OFFSET ?2)");
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (counts[i] > share && !drop_rest.bind(1, names[i]).bind(2, share).run()) return false;
  }
  return trouble() == Trouble::none;
}

bool AffinityFile::visit(const Visit& visit) {
  database_->clear_trouble();
  Statement list(*database_, "SELECT client, id, backend FROM ids ORDER BY client, used_at");
  while (list.step())
    visit(list.text(0), list.text(1), list.text(2));
  return trouble() == Trouble::none;
}

bool AffinityFile::write(const std::vector<AffinityChange>& changes) {
  database_->clear_trouble();
  if (!database_->execute("BEGIN")) return false;
  const bool is_applied = std::all_of(changes.begin(), changes.end(),
                                      [&](const auto& change) { return apply(change); });
  if (is_applied && database_->execute("COMMIT")) return true;
  database_->roll_back();
  return false;
}

bool AffinityFile::apply(const AffinityChange& change) {
  if (!change.backend.empty()) {
    return statements_->learn.bind(1, change.id)
        .bind(2, change.client)
        .bind(3, change.backend)
        .bind(4, to_microseconds(change.at))
        .run();
  }
  if (change.client.empty()) return statements_->forget_all.bind(1, change.id).run();
  return statements_->forget.bind(1, change.id).bind(2, change.client).run();
}

}  // namespace spillway::daemon
