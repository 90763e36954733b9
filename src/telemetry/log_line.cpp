#include <spillway/base/text.hpp>
#include <spillway/telemetry/log_line.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace spillway::telemetry {
namespace {

// Room for the mark of a cut line and the closing brace.
constexpr std::size_t kReservedBytes = 16;
// A control character becomes six.
constexpr std::size_t kLongestEscape = 6;

std::string escape(std::string_view text) {
  std::string escaped = base::json_escape(text, kMaxTextBytes);
  if (escaped.size() <= kMaxTextBytes) return escaped;
  return base::json_escape(text, (kMaxTextBytes - 3) / kLongestEscape);
}

bool is_plain(char c) {
  return c > 0x20 && c < 0x7F && c != '"' && c != '=' && c != '\\';
}

}  // namespace

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return "trace";
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
    case LogLevel::critical:
      break;
  }
  return "critical";
}

LogLine::LogLine(LogFormat format) : format_(format) {
  line_.reserve(kMaxTextBytes);
}

void LogLine::begin(base::WallTime time, LogLevel level, std::string_view event) {
  if (format_ == LogFormat::json) {
    add_text("time", base::format_rfc3339(time));
    add_text("level", name_of(level));
    add_text("event", event);
    return;
  }
  line_ += base::format_rfc3339(time);
  line_ += ' ';
  line_ += name_of(level);
  line_ += ' ';
  line_ += escape(event);
}

void LogLine::add_text(std::string_view key, std::string_view text) {
  const bool is_bare = format_ == LogFormat::text && !text.empty() &&
                       text.size() <= kMaxTextBytes &&
                       std::all_of(text.begin(), text.end(), is_plain);
  if (is_bare) {
    add_raw(key, text);
    return;
  }
  std::string value = "\"";
  value += escape(text);
  value += '"';
  add_raw(key, value);
}

void LogLine::add_number(std::string_view key, std::int64_t number) {
  add_raw(key, std::to_string(number));
}

void LogLine::add_number(std::string_view key, std::uint64_t number) {
  add_raw(key, std::to_string(number));
}

void LogLine::add_flag(std::string_view key, bool is_set) {
  add_raw(key, is_set ? "true" : "false");
}

void LogLine::add_milliseconds(std::string_view key, base::Duration duration) {
  using std::chrono::duration_cast;
  const auto micros = duration_cast<std::chrono::microseconds>(duration).count();
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s%lld.%03lld", micros < 0 ? "-" : "",
                                   std::abs(static_cast<long long>(micros)) / 1000,
                                   std::abs(static_cast<long long>(micros)) % 1000);
  add_raw(key, {text.data(), static_cast<std::size_t>(length)});
}

void LogLine::add_objects(std::string_view key, std::span<const std::string> objects) {
  std::string list = "[";
  for (const std::string& object : objects) {
    if (!fits(key.size() + list.size() + object.size() + 8)) {
      is_cut_ = true;
      break;
    }
    if (list.size() > 1) list += ',';
    list += object;
  }
  list += ']';
  add_raw(key, list);
}

bool LogLine::fits(std::size_t bytes) const {
  return line_.size() + bytes + kReservedBytes <= kMaxLineBytes;
}

void LogLine::add_raw(std::string_view key, std::string_view value) {
  if (!fits(key.size() + value.size() + 4)) {
    is_cut_ = true;
    return;
  }
  const bool is_json = format_ == LogFormat::json;
  if (is_json) {
    line_ += line_.empty() ? '{' : ',';
    line_ += '"';
  } else if (!line_.empty()) {
    line_ += ' ';
  }
  line_ += key;
  line_ += is_json ? "\":" : "=";
  line_ += value;
}

std::string LogLine::take() {
  if (format_ == LogFormat::text) {
    if (is_cut_) line_ += " cut=true";
    return std::move(line_);
  }
  if (line_.empty()) line_ += '{';
  if (is_cut_) line_ += line_.size() == 1 ? R"("cut":true)" : R"(,"cut":true)";
  line_ += '}';
  return std::move(line_);
}

}  // namespace spillway::telemetry
