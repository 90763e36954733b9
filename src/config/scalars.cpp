#include "scalars.hpp"

#include <spillway/base/text.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace spillway::config {
namespace {

constexpr std::string_view kDurationForms =
    "write a duration such as 250ms, 10s, 1m30s, 2h, or ISO 8601 such as PT1M";
constexpr std::string_view kSizeForms = "write a size such as 256B, 64KiB, 16MiB or 1GiB";
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kMaxDuration = 10'000 * kSecondsPerDay * kNanosecondsPerSecond;

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

constexpr std::array kUnits = {
    Unit{"d", kSecondsPerDay* kNanosecondsPerSecond},
    Unit{"h", 3600 * kNanosecondsPerSecond},
    Unit{"m", 60 * kNanosecondsPerSecond},
    Unit{"s", kNanosecondsPerSecond},
    Unit{"ms", 1'000'000},
};

constexpr std::array kIsoDateUnits = {Unit{"D", kSecondsPerDay* kNanosecondsPerSecond}};
constexpr std::array kIsoTimeUnits = {
    Unit{"H", 3600 * kNanosecondsPerSecond},
    Unit{"M", 60 * kNanosecondsPerSecond},
    Unit{"S", kNanosecondsPerSecond},
};

// The longest run of characters at the start for which `accept` holds, taken off `text`.
template <class Accept>
std::string_view take_while(std::string_view& text, Accept accept) {
  std::size_t length = 0;
  while (length < text.size() && accept(text[length]))
    ++length;
  const std::string_view taken = text.substr(0, length);
  text.remove_prefix(length);
  return taken;
}

// `1`, `1.5`: the number times `unit`, nothing where it is malformed or too great.
std::optional<std::int64_t> scaled(std::string_view number, std::int64_t unit) {
  const auto dot = number.find('.');
  const auto whole = base::parse_unsigned(number.substr(0, dot));
  if (!whole || *whole > static_cast<std::uint64_t>(kMaxDuration / unit)) return std::nullopt;
  std::int64_t total = static_cast<std::int64_t>(*whole) * unit;
  if (dot == std::string_view::npos) return total;
  const std::string_view fraction = number.substr(dot + 1);
  if (fraction.empty()) return std::nullopt;
  std::int64_t share = unit;
  for (const char c : fraction) {
    if (!is_decimal(c)) return std::nullopt;
    share /= 10;
    total += share * (c - '0');
  }
  return total;
}

// A row of number and unit, the units in the given order, each at most once: `1h30m`.
template <class Units>
std::optional<std::int64_t> sum_of_parts(std::string_view text, const Units& units) {
  std::int64_t total = 0;
  auto next = units.begin();
  while (!text.empty()) {
    const auto number = take_while(text, [](char c) { return is_decimal(c) || c == '.'; });
    const auto name = take_while(text, [](char c) { return !is_decimal(c) && c != '.'; });
    const auto unit = std::find_if(next, units.end(),
                                   [&](const Unit& candidate) { return candidate.name == name; });
    if (number.empty() || unit == units.end()) return std::nullopt;
    const auto part = scaled(number, unit->nanoseconds);
    if (!part || *part > kMaxDuration - total) return std::nullopt;
    total += *part;
    next = unit + 1;
  }
  return total;
}

std::optional<std::int64_t> parse_iso_duration(std::string_view text) {
  text.remove_prefix(1);
  const auto split = text.find('T');
  const std::string_view days = text.substr(0, split);
  const std::string_view time =
      split == std::string_view::npos ? std::string_view() : text.substr(split + 1);
  if (days.empty() && time.empty()) return std::nullopt;
  if (split != std::string_view::npos && time.empty()) return std::nullopt;
  const auto first = sum_of_parts(days, kIsoDateUnits);
  const auto second = sum_of_parts(time, kIsoTimeUnits);
  if (!first || !second || *first > kMaxDuration - *second) return std::nullopt;
  return *first + *second;
}

struct SizeUnit {
  std::string_view name;
  unsigned shift;
};

constexpr std::array kSizeUnits = {SizeUnit{"TiB", 40}, SizeUnit{"GiB", 30}, SizeUnit{"MiB", 20},
                                   SizeUnit{"KiB", 10}, SizeUnit{"B", 0}};
constexpr std::uint64_t kMaxSize = 1ULL << 40U;

}  // namespace

Parsed<Duration> parse_duration(std::string_view text) {
  const auto wrong = [](std::string_view what) {
    return Parsed<Duration>::wrong(std::string(what) + "; " + std::string(kDurationForms));
  };
  if (text.empty()) return wrong("is empty");
  if (std::all_of(text.begin(), text.end(), [](char c) { return is_decimal(c) || c == '.'; })) {
    return wrong("has no unit");
  }
  const auto total = text.front() == 'P' ? parse_iso_duration(text) : sum_of_parts(text, kUnits);
  if (!total) return wrong("is not a duration");
  return Duration(*total);
}

Parsed<std::uint64_t> parse_size(std::string_view text) {
  const auto wrong = [](std::string_view what) {
    return Parsed<std::uint64_t>::wrong(std::string(what) + "; " + std::string(kSizeForms));
  };
  if (text.empty()) return wrong("is empty");
  const std::string_view digits = take_while(text, is_decimal);
  const auto number = base::parse_unsigned(digits);
  if (!number) return wrong("is not a size");
  if (text.empty()) return wrong("has no unit");
  for (const SizeUnit& unit : kSizeUnits) {
    if (text != unit.name) continue;
    if (*number > kMaxSize >> unit.shift) return wrong("is more than 1TiB");
    return *number << unit.shift;
  }
  return wrong("has an unknown unit (allowed: B, KiB, MiB, GiB, TiB)");
}

Parsed<unsigned> parse_number(std::string_view text) {
  const auto value = base::parse_unsigned(text);
  const bool has_leading_zero = text.size() > 1 && text.front() == '0';
  if (!value || has_leading_zero || *value > std::numeric_limits<unsigned>::max()) {
    return Parsed<unsigned>::wrong("is not a whole number");
  }
  return static_cast<unsigned>(*value);
}

Parsed<unsigned> parse_percent(std::string_view text) {
  constexpr std::string_view forms = "; write a percentage from 0% to 100%, such as 20%";
  const bool has_sign = text.ends_with('%');
  if (has_sign) text.remove_suffix(1);
  const auto number = parse_number(text);
  if (!number) return Parsed<unsigned>::wrong("is not a percentage" + std::string(forms));
  if (!has_sign) return Parsed<unsigned>::wrong("has no % sign" + std::string(forms));
  if (*number > 100) return Parsed<unsigned>::wrong("is more than 100%" + std::string(forms));
  return number;
}

Parsed<StatusRange> parse_status_range(std::string_view text) {
  const auto wrong = [] {
    return Parsed<StatusRange>::wrong(
        "is not a failure status; write one such as 429 or a range such as 500-599, within 400 to "
        "599");
  };
  const auto dash = text.find('-');
  const auto first = parse_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_number(text.substr(dash + 1));
  if (!first || !last || *first < 400 || *last > 599 || *first > *last) return wrong();
  return StatusRange{*first, *last};
}

std::string format_duration(Duration duration) {
  std::int64_t rest = duration.count();
  std::string out;
  for (const Unit& unit : kUnits) {
    if (rest < unit.nanoseconds) continue;
    out += std::to_string(rest / unit.nanoseconds);
    out += unit.name;
    rest %= unit.nanoseconds;
  }
  return out.empty() ? "0s" : out;
}

std::string format_size(std::uint64_t bytes) {
  for (const SizeUnit& unit : kSizeUnits) {
    const std::uint64_t one = 1ULL << unit.shift;
    if (bytes >= one && bytes % one == 0)
      return std::to_string(bytes / one) + std::string(unit.name);
  }
  return "0B";
}

}  // namespace spillway::config
