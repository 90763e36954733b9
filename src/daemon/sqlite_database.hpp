#pragma once
// The little of SQLite that the store needs: a connection and prepared statements that clean up
// after themselves. One thread at a time.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace spillway::daemon {

class Database {
 public:
  enum class Trouble : std::uint8_t {
    none,
    busy,     // another process holds it
    corrupt,  // damaged, or no database
    other,    // error_text() says what
  };

  /// Opens or creates; look at trouble(). SQLite opens lazily: damage shows with the first
  /// statement.
  explicit Database(const std::string& file);

  /// True if all went well, else see trouble().
  bool execute(const char* sql);
  /// Leaves trouble() as it is: it tells what made this necessary.
  void roll_back();
  void clear_trouble() { code_ = 0; }

  [[nodiscard]] Trouble trouble() const;
  [[nodiscard]] std::string error_text() const;
  /// Statements wait so long for another process.
  void set_patience(int milliseconds);

 private:
  friend class Statement;
  struct Close {
    void operator()(sqlite3* handle) const;
  };

  std::unique_ptr<sqlite3, Close> handle_;
  int code_ = 0;  // of the last thing that failed
};

/// Must not outlive its database.
class Statement {
 public:
  Statement(Database& database, const char* sql);

  Statement& bind(int index, std::string_view text);  // copied; from 1
  Statement& bind(int index, std::int64_t number);

  /// Another row is there. False: no more, or Database::trouble().
  bool step();
  /// To its end, and ready to be bound again. True if all went well.
  bool run();

  [[nodiscard]] std::string_view text(int column) const;  // until the next step; from 0
  [[nodiscard]] std::int64_t number(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const;
  };

  Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

}  // namespace spillway::daemon
