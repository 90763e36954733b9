#include <spillway/base/text.hpp>
#include <spillway/routing/retry_after.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace spillway::routing {
namespace {

using std::chrono::sys_seconds;
using namespace std::chrono_literals;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  const char lower = base::to_lower(c);
  return lower >= 'a' && lower <= 'z';
}

// Takes pieces off the front of a text. A piece that is not there leaves `ok` false for good, so
// that a grammar reads as the sequence of its pieces and is checked once at the end.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool is_finished() const { return ok_ && rest_.empty(); }

  bool skip_if(std::string_view piece) {
    if (!rest_.starts_with(piece)) return false;
    rest_.remove_prefix(piece.size());
    return true;
  }

  bool skip_if(char c) { return skip_if(std::string_view(&c, 1)); }

  void skip(char c) { ok_ = skip_if(c) && ok_; }

  std::string_view word() {
    return take(static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_letter) -
                                         rest_.begin()));
  }

  std::string_view digits() {
    return take(static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_digit) -
                                         rest_.begin()));
  }

  int number(std::size_t digit_count) {
    const std::string_view text = digits();
    ok_ = ok_ && text.size() == digit_count;
    int value = 0;
    if (!ok_) return value;
    for (const char c : text)
      value = value * 10 + (c - '0');
    return value;
  }

 private:
  std::string_view take(std::size_t length) {
    const std::string_view piece = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return piece;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// A decimal number of units off the front; nothing if there is none or it is too long to be meant.
std::optional<base::Duration> take_decimal(Scanner& scanner, base::Duration unit) {
  const std::string_view whole_digits = scanner.digits();
  const std::string_view fraction_digits =
      scanner.skip_if('.') ? scanner.digits() : std::string_view();
  if (whole_digits.empty() && fraction_digits.empty()) return std::nullopt;

  const auto whole = whole_digits.empty() ? 0 : base::parse_unsigned(whole_digits);
  const auto most = static_cast<std::uint64_t>(kLongestDelay / unit);
  if (!whole || *whole >= most) return std::nullopt;

  double fraction = 0;
  double place = 1;
  for (const char c : fraction_digits.substr(0, 12)) {
    place /= 10;
    fraction += place * (c - '0');
  }
  const auto part = std::llround(fraction * static_cast<double>(unit.count()));
  return unit * static_cast<std::int64_t>(*whole) + base::Duration(part);
}

std::optional<base::Duration> if_positive(std::optional<base::Duration> delay) {
  if (!delay || *delay <= base::Duration::zero()) return std::nullopt;
  return delay;
}

std::optional<base::Duration> take_unit(Scanner& scanner) {
  // Both code points that are written for micro: U+00B5 and U+03BC.
  const bool is_micro = scanner.skip_if("\xC2\xB5") || scanner.skip_if("\xCE\xBC");
  const std::string_view name = scanner.word();
  if (is_micro) return name == "s" ? std::optional<base::Duration>(1us) : std::nullopt;
  if (name == "h") return 1h;
  if (name == "m") return 1min;
  if (name == "s") return 1s;
  if (name == "ms") return 1ms;
  if (name == "us") return 1us;
  if (name == "ns") return 1ns;
  return std::nullopt;
}

// One `6m` of `6m0s`. The number is read twice, because its unit comes behind it.
std::optional<base::Duration> take_quantity(Scanner& scanner) {
  Scanner ahead = scanner;
  ahead.digits();
  if (ahead.skip_if('.')) ahead.digits();
  const auto unit = take_unit(ahead);
  if (!unit) return std::nullopt;
  const auto quantity = take_decimal(scanner, *unit);
  scanner = ahead;
  return quantity;
}

std::optional<unsigned> month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
  const auto* found = std::find_if(months.begin(), months.end(), [&](std::string_view month) {
    return base::equals_ignoring_case(month, name);
  });
  if (found == months.end()) return std::nullopt;
  return static_cast<unsigned>(found - months.begin()) + 1;
}

bool is_day_name(std::string_view name) {
  constexpr std::array<std::string_view, 14> days = {
      "mon",    "tue",     "wed",       "thu",      "fri",    "sat",      "sun",
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  return std::any_of(days.begin(), days.end(),
                     [&](std::string_view day) { return base::equals_ignoring_case(day, name); });
}

struct DateTime {
  int year = 0;
  std::optional<unsigned> month;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

void take_time(Scanner& scanner, DateTime& date) {
  scanner.skip(' ');
  date.hour = scanner.number(2);
  scanner.skip(':');
  date.minute = scanner.number(2);
  scanner.skip(':');
  date.second = scanner.number(2);
  scanner.skip(' ');
}

bool take_zone(Scanner& scanner) {
  const std::string_view zone = scanner.word();
  return base::equals_ignoring_case(zone, "GMT") || base::equals_ignoring_case(zone, "UTC");
}

int full_year(int two_digits, base::WallTime now) {
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
  const int this_year = static_cast<int>(today.year());
  const int year = this_year - this_year % 100 + two_digits;
  return year > this_year + 50 ? year - 100 : year;
}

// `06 Nov 1994 08:49:37 GMT` or `06-Nov-94 08:49:37 GMT`, what follows `Sun, `.
bool take_dated(Scanner& scanner, DateTime& date, base::WallTime now) {
  scanner.skip(' ');
  date.day = scanner.number(2);
  const bool is_rfc850 = scanner.skip_if('-');
  if (!is_rfc850) scanner.skip(' ');
  date.month = month_of(scanner.word());
  scanner.skip(is_rfc850 ? '-' : ' ');
  date.year = is_rfc850 ? full_year(scanner.number(2), now) : scanner.number(4);
  take_time(scanner, date);
  return take_zone(scanner);
}

// `Nov  6 08:49:37 1994`, what follows `Sun ` in the form of C's asctime().
void take_asctime(Scanner& scanner, DateTime& date) {
  scanner.skip(' ');
  date.month = month_of(scanner.word());
  scanner.skip(' ');
  date.day = scanner.skip_if(' ') ? scanner.number(1) : scanner.number(2);
  take_time(scanner, date);
  date.year = scanner.number(4);
}

std::optional<sys_seconds> to_time(const DateTime& date) {
  if (!date.month || date.hour > 23 || date.minute > 59 || date.second > 60) return std::nullopt;
  const std::chrono::year_month_day day(std::chrono::year(date.year),
                                        std::chrono::month(*date.month),
                                        std::chrono::day(static_cast<unsigned>(date.day)));
  if (!day.ok()) return std::nullopt;
  return sys_seconds(std::chrono::sys_days(day)) + std::chrono::hours(date.hour) +
         std::chrono::minutes(date.minute) + std::chrono::seconds(date.second);
}

std::optional<base::Duration> parse_seconds_or_date(std::string_view text, base::WallTime now) {
  if (const auto seconds = parse_decimal_delay(text, 1s)) return seconds;
  const auto date = parse_http_date(text, now);
  if (!date) return std::nullopt;
  // In seconds first: the year 9999 does not fit in nanoseconds.
  const auto whole_now = std::chrono::floor<std::chrono::seconds>(now);
  const auto ahead = *date - whole_now;
  if (ahead <= 0s || ahead >= std::chrono::floor<std::chrono::seconds>(kLongestDelay)) {
    return std::nullopt;
  }
  return if_positive(base::Duration(ahead) - base::Duration(now - whole_now));
}

std::optional<base::Duration> parse_as(DelaySource source, std::string_view text,
                                       base::WallTime now) {
  switch (source) {
    case DelaySource::retry_after_ms:
    case DelaySource::x_ms_retry_after_ms:
      return parse_decimal_delay(text, 1ms);
    case DelaySource::retry_after:
      return parse_seconds_or_date(text, now);
    case DelaySource::ratelimit_reset_requests:
    case DelaySource::ratelimit_reset_tokens:
      return parse_reset_delay(text);
    case DelaySource::none:
    case DelaySource::trip_duration:
      break;
  }
  return std::nullopt;
}

struct Spelling {
  std::string_view name;
  DelaySource source;
};

constexpr std::array<Spelling, 7> kSpellings = {{
    {"retry-after-ms", DelaySource::retry_after_ms},
    {"x-ms-retry-after-ms", DelaySource::x_ms_retry_after_ms},
    {"retry-after", DelaySource::retry_after},
    {"x-ratelimit-reset-requests", DelaySource::ratelimit_reset_requests},
    {"x-ratelimit-reset-tokens", DelaySource::ratelimit_reset_tokens},
    {"x-rate-limit-reset-requests", DelaySource::ratelimit_reset_requests},
    {"x-rate-limit-reset-tokens", DelaySource::ratelimit_reset_tokens},
}};

}  // namespace

std::optional<base::Duration> parse_decimal_delay(std::string_view text, base::Duration unit) {
  Scanner scanner(base::trim(text));
  const auto delay = take_decimal(scanner, unit);
  return scanner.at_end() ? if_positive(delay) : std::nullopt;
}

std::optional<base::Duration> parse_reset_delay(std::string_view text) {
  if (const auto seconds = parse_decimal_delay(text, 1s)) return seconds;
  Scanner scanner(base::trim(text));
  base::Duration sum{};
  while (!scanner.at_end()) {
    const auto quantity = take_quantity(scanner);
    if (!quantity || *quantity > kLongestDelay - sum) return std::nullopt;
    sum += *quantity;
  }
  return if_positive(sum);
}

std::optional<sys_seconds> parse_http_date(std::string_view text, base::WallTime now) {
  Scanner scanner(base::trim(text));
  if (!is_day_name(scanner.word())) return std::nullopt;
  DateTime date;
  if (scanner.skip_if(',')) {
    if (!take_dated(scanner, date, now)) return std::nullopt;
  } else {
    take_asctime(scanner, date);
  }
  return scanner.is_finished() ? to_time(date) : std::nullopt;
}

Delay parse_retry_after(base::FieldView headers, base::WallTime now) {
  for (const Spelling& spelling : kSpellings) {
    for (const base::Field& field : headers) {
      if (!base::equals_ignoring_case(field.name, spelling.name)) continue;
      if (const auto delay = parse_as(spelling.source, field.value, now)) {
        return {*delay, spelling.source};
      }
    }
  }
  return {};
}

}  // namespace spillway::routing
