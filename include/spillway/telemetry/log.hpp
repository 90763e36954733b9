#pragma once
// The process's log: events with fields, and access records, one line each, on standard output or
// in a file. Set up once by the daemon; before that (and in tests that do not ask for it)
// everything is dropped. Any thread. Never waits for its reader or disk: what finds no room is
// dropped and counted in a later line (LogOutput).

#include <spillway/base/result.hpp>
#include <spillway/base/time.hpp>
#include <spillway/telemetry/access_record.hpp>
#include <spillway/telemetry/log_line.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace spillway::telemetry::log {

struct Settings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::json;
  bool has_access = true;  // whether access records are written
  int descriptor = 1;      // not owned
  std::string file;        // appended to, made if it is not there; empty: `descriptor`
};

/// May be called again to change the settings, also while others log. Opens the file anew. Error
/// (naming file and reason): it cannot be opened; the first time nothing is set up then, later the
/// other settings take effect and lines go where they went.
base::Result<void> set_up(const Settings& settings);
/// Opens the file again, for log rotation; without a file nothing happens. Error: as set_up, and
/// lines go where they went.
base::Result<void> reopen();
/// Writes what waits, for at most a second, and goes back to dropping everything.
void shut_down();
/// Whether everything logged before was written within the time; for tests.
bool flush(std::chrono::milliseconds patience);
/// Lines lost since set_up().
std::uint64_t lost_count();

/// One key and its value; texts are seen, not kept.
class Field {
 public:
  Field(std::string_view key, std::string_view text) : key_(key), value_(text) {}
  Field(std::string_view key, const char* text) : key_(key), value_(std::string_view(text)) {}
  Field(std::string_view key, const std::string& text)
      : key_(key), value_(std::string_view(text)) {}
  Field(std::string_view key, std::same_as<bool> auto is_set) : key_(key), value_(is_set) {}
  Field(std::string_view key, std::signed_integral auto number)
      : key_(key), value_(std::int64_t{number}) {}
  template <std::unsigned_integral Number>
  requires(!std::same_as<Number, bool>) Field(std::string_view key, Number number)
      : key_(key), value_(std::uint64_t{number}) {}
  /// Written in milliseconds: the key ends in `_ms`.
  Field(std::string_view key, base::Duration duration) : key_(key), value_(duration) {}

  void add_to(LogLine& line) const;

 private:
  std::string_view key_;
  std::variant<std::string_view, bool, std::int64_t, std::uint64_t, base::Duration> value_;
};

using Fields = std::initializer_list<Field>;

/// Whether a line of that level would be written; for callers whose fields cost something.
bool is_on(LogLevel level);

/// `event` is a fixed name in snake_case that operators may search for.
void write(LogLevel level, std::string_view event, std::span<const Field> fields);
inline void write(LogLevel level, std::string_view event, Fields fields = {}) {
  write(level, event, std::span<const Field>(fields.begin(), fields.size()));
}

inline void debug(std::string_view event, Fields fields = {}) {
  write(LogLevel::debug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) {
  write(LogLevel::info, event, fields);
}
inline void warning(std::string_view event, Fields fields = {}) {
  write(LogLevel::warning, event, fields);
}
inline void error(std::string_view event, Fields fields = {}) {
  write(LogLevel::error, event, fields);
}
inline void critical(std::string_view event, Fields fields = {}) {
  write(LogLevel::critical, event, fields);
}

/// One line for the request, whatever the level, if access records are on.
void access(const AccessRecord& record);

}  // namespace spillway::telemetry::log
