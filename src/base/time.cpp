#include <spillway/base/time.hpp>

#include <array>
#include <cstdio>
#include <ctime>

namespace spillway::base {

std::string format_rfc3339(WallTime time) {
  using std::chrono::milliseconds;
  const auto since_epoch = std::chrono::floor<milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const std::time_t whole = seconds.count();
  std::tm utc{};
  gmtime_r(&whole, &utc);
  std::array<char, 64> text{};
  const auto millis = static_cast<int>((since_epoch - seconds).count());
  const int length = std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                                   utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
                                   utc.tm_min, utc.tm_sec, millis);
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace spillway::base
