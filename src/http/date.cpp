#include <spillway/http/date.hpp>

#include <array>
#include <chrono>
#include <ctime>
#include <string_view>

namespace spillway::http {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void append_two_digits(std::string& out, int number) {
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

}  // namespace

// Not strftime: its names are those of the locale.
std::string format_date(base::WallTime time) {
  const std::time_t whole = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&whole, &utc);
  std::string out(kDays.at(static_cast<std::size_t>(utc.tm_wday)));
  out += ", ";
  append_two_digits(out, utc.tm_mday);
  out += ' ';
  out += kMonths.at(static_cast<std::size_t>(utc.tm_mon));
  out += ' ';
  out += std::to_string(utc.tm_year + 1900);
  out += ' ';
  append_two_digits(out, utc.tm_hour);
  out += ':';
  append_two_digits(out, utc.tm_min);
  out += ':';
  append_two_digits(out, utc.tm_sec);
  out += " GMT";
  return out;
}

const std::string& DateOfNow::at(base::WallTime now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  if (second != second_ || text_.empty()) text_ = format_date(now);
  second_ = second;
  return text_;
}

}  // namespace spillway::http
