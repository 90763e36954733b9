#pragma once
// One line of the log while it is being written: the same fields as a JSON object or as text.
// Escapes everything, cuts each text at 1 KiB and keeps the line below 8 KiB, whatever callers
// send.

#include <spillway/base/time.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace spillway::telemetry {

enum class LogFormat : std::uint8_t { json, text };
enum class LogLevel : std::uint8_t { trace, debug, info, warning, error, critical };

std::string_view name_of(LogLevel level);

inline constexpr std::size_t kMaxTextBytes = 1024;  // of one text, escaped; a cut one ends in "..."
inline constexpr std::size_t kMaxLineBytes = 8192;  // without the line end

/// In JSON `{"key":"text","n":1}`; as text `key=text n=1`, the text in JSON's quotes where it is
/// empty or holds more than plain characters. A field that no longer fits is left out and the line
/// marked with `"cut":true`. Keys are ours and go in as they are.
class LogLine {
 public:
  explicit LogLine(LogFormat format);

  /// What every line begins with: `time`, `level`, `event`; as text without their keys.
  void begin(base::WallTime time, LogLevel level, std::string_view event);

  void add_text(std::string_view key, std::string_view text);
  void add_number(std::string_view key, std::int64_t number);
  void add_number(std::string_view key, std::uint64_t number);
  void add_flag(std::string_view key, bool is_set);
  /// With three decimals.
  void add_milliseconds(std::string_view key, base::Duration duration);
  /// Whole JSON objects, as many from the front as fit.
  void add_objects(std::string_view key, std::span<const std::string> objects);

  [[nodiscard]] LogFormat format() const { return format_; }
  /// The line without its end; there is no more to add afterwards.
  std::string take();

 private:
  [[nodiscard]] bool fits(std::size_t bytes) const;
  void add_raw(std::string_view key, std::string_view value);

  std::string line_;
  LogFormat format_;
  bool is_cut_ = false;
};

}  // namespace spillway::telemetry
