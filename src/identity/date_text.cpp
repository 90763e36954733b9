#include <spillway/base/text.hpp>
#include <spillway/identity/date_text.hpp>

#include <cstdint>

namespace spillway::identity {
namespace {

// Takes pieces off the front of a text; after the first that does not fit, everything fails.
class Pieces {
 public:
  explicit Pieces(std::string_view text) : rest_(text) {}

  // One to `most` digits.
  unsigned number(std::size_t most) {
    std::size_t length = 0;
    while (length < most && length < rest_.size() && rest_[length] >= '0' && rest_[length] <= '9')
      ++length;
    const auto value = base::parse_unsigned(rest_.substr(0, length));
    rest_.remove_prefix(length);
    if (!value) has_failed_ = true;
    return static_cast<unsigned>(value.value_or(0));
  }

  void expect(char c) {
    if (!take(c)) has_failed_ = true;
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take_word(std::string_view word) {
    if (!base::equals_ignoring_case(rest_.substr(0, word.size()), word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  std::string_view take_letters() {
    const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    std::size_t length = 0;
    while (length < rest_.size() && is_letter(rest_[length]))
      ++length;
    const std::string_view letters = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return letters;
  }

  void skip_blanks() {
    while (take(' ')) {
    }
  }

  [[nodiscard]] bool is_used_up() const { return rest_.empty() && !has_failed_; }

 private:
  std::string_view rest_;
  bool has_failed_ = false;
};

struct Clock {
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
};

Clock read_clock(Pieces& pieces) {
  Clock clock;
  clock.hour = pieces.number(2);
  pieces.expect(':');
  clock.minute = pieces.number(2);
  pieces.expect(':');
  clock.second = pieces.number(2);
  return clock;
}

// Of a twelve-hour clock; none: the clock has twenty-four.
bool apply_half_day(Pieces& pieces, Clock& clock) {
  pieces.skip_blanks();
  const bool is_am = pieces.take_word("AM");
  const bool is_pm = !is_am && pieces.take_word("PM");
  if (!is_am && !is_pm) return clock.hour < 24;
  if (clock.hour < 1 || clock.hour > 12) return false;
  clock.hour = clock.hour % 12 + (is_pm ? 12 : 0);
  return true;
}

std::chrono::minutes read_offset(Pieces& pieces) {
  pieces.skip_blanks();
  if (pieces.take('Z')) return std::chrono::minutes(0);
  const bool is_behind = pieces.take('-');
  if (!is_behind && !pieces.take('+')) return std::chrono::minutes(0);
  const unsigned hours = pieces.number(2);
  pieces.take(':');
  const std::chrono::minutes offset(hours * 60 + pieces.number(2));
  return is_behind ? -offset : offset;
}

// 1 to 12; 0 for none.
unsigned month_of(std::string_view name) {
  constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto at = name.size() == 3 ? names.find(name) : std::string_view::npos;
  return at == std::string_view::npos || at % 3 != 0 ? 0 : static_cast<unsigned>(at / 3 + 1);
}

std::optional<base::WallTime> combine(std::chrono::year_month_day day, const Clock& clock,
                                      std::chrono::minutes offset) {
  if (!day.ok() || clock.minute > 59 || clock.second > 60) return std::nullopt;
  return std::chrono::sys_days(day) + std::chrono::hours(clock.hour) +
         std::chrono::minutes(clock.minute) + std::chrono::seconds(clock.second) - offset;
}

}  // namespace

std::optional<base::WallTime> parse_date_text(std::string_view text) {
  using std::chrono::day;
  using std::chrono::month;
  using std::chrono::year;
  Pieces pieces(base::trim(text));
  const unsigned first = pieces.number(4);
  std::chrono::year_month_day date;
  if (pieces.take('/')) {
    const unsigned second = pieces.number(2);
    pieces.expect('/');
    date = {year(static_cast<int>(pieces.number(4))), month(first), day(second)};
    pieces.expect(' ');
  } else {
    pieces.expect('-');
    const unsigned second = pieces.number(2);
    pieces.expect('-');
    date = {year(static_cast<int>(first)), month(second), day(pieces.number(2))};
    pieces.expect('T');
  }
  Clock clock = read_clock(pieces);
  if (pieces.take('.')) pieces.number(9);
  if (!apply_half_day(pieces, clock)) return std::nullopt;
  const auto offset = read_offset(pieces);
  if (!pieces.is_used_up()) return std::nullopt;
  return combine(date, clock, offset);
}

std::optional<base::WallTime> parse_http_date(std::string_view text) {
  Pieces pieces(base::trim(text));
  pieces.take_letters();
  pieces.expect(',');
  pieces.expect(' ');
  const unsigned of_month = pieces.number(2);
  pieces.expect(' ');
  const unsigned month = month_of(pieces.take_letters());
  pieces.expect(' ');
  const unsigned of_era = pieces.number(4);
  pieces.expect(' ');
  const Clock clock = read_clock(pieces);
  if (!pieces.take_word(" GMT") || !pieces.is_used_up() || clock.hour > 23) return std::nullopt;
  const std::chrono::year year(static_cast<int>(of_era));
  return combine({year, std::chrono::month(month), std::chrono::day(of_month)}, clock,
                 std::chrono::minutes(0));
}

}  // namespace spillway::identity
