#include "support.hpp"
#include <spillway/base/time.hpp>
#include <spillway/routing/retry_after.hpp>

#include <array>
#include <cmath>
#include <utility>

namespace spillway::routing {
namespace {

using namespace std::chrono_literals;

// Fri, 06 Nov 2026 08:49:00 GMT
const base::WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 6) + 8h + 49min;

Delay parse(std::vector<base::Field> headers) {
  return parse_retry_after(headers, kNow);
}

TEST(RetryAfter, EachSpellingIsRead) {
  struct Case {
    std::string_view name;
    std::string_view value;
    base::Duration expected;
    DelaySource source;
  };
  const std::vector<Case> cases = {
      {"retry-after-ms", "1500", 1500ms, DelaySource::retry_after_ms},
      {"Retry-After-Ms", "0.5", 500us, DelaySource::retry_after_ms},
      {"x-ms-retry-after-ms", "20", 20ms, DelaySource::x_ms_retry_after_ms},
      {"Retry-After", "33", 33s, DelaySource::retry_after},
      {"retry-after", "1.25", 1250ms, DelaySource::retry_after},
      {"retry-after", " 7\t", 7s, DelaySource::retry_after},
      {"retry-after", "86400", 86400s, DelaySource::retry_after},
      {"retry-after", "Fri, 06 Nov 2026 08:49:37 GMT", 37s, DelaySource::retry_after},
      {"retry-after", "Friday, 06-Nov-26 08:49:37 GMT", 37s, DelaySource::retry_after},
      {"retry-after", "Fri Nov  6 08:49:37 2026", 37s, DelaySource::retry_after},
      {"x-ratelimit-reset-requests", "1s", 1s, DelaySource::ratelimit_reset_requests},
      {"x-ratelimit-reset-tokens", "6m0s", 6min, DelaySource::ratelimit_reset_tokens},
      {"x-ratelimit-reset-tokens", "33ms", 33ms, DelaySource::ratelimit_reset_tokens},
      {"x-ratelimit-reset-tokens", "300", 300s, DelaySource::ratelimit_reset_tokens},
      {"x-rate-limit-reset-tokens", "55", 55s, DelaySource::ratelimit_reset_tokens},
      {"x-rate-limit-reset-requests", "1h2m3.5s", 3723500ms, DelaySource::ratelimit_reset_requests},
  };
  for (const Case& c : cases) {
    const Delay delay = parse({{c.name, c.value}});
    EXPECT_EQ(delay.duration, c.expected) << c.name << ": " << c.value;
    EXPECT_EQ(delay.source, c.source) << c.name << ": " << c.value;
  }
}

TEST(RetryAfter, TheOrderIsThatOfTheContractNotOfTheMessage) {
  std::vector<base::Field> all = {
      {"x-rate-limit-reset-tokens", "7"},
      {"x-rate-limit-reset-requests", "6"},
      {"x-ratelimit-reset-tokens", "5"},
      {"x-ratelimit-reset-requests", "4"},
      {"retry-after", "3"},
      {"x-ms-retry-after-ms", "2000"},
      {"retry-after-ms", "1000"},
  };
  for (base::Duration expected = 1s; !all.empty(); expected += 1s) {
    EXPECT_EQ(parse_retry_after(all, kNow).duration, expected);
    all.pop_back();
  }
}

TEST(RetryAfter, WhatIsNotAPositiveTimeFallsThrough) {
  const std::vector<std::string_view> bad = {"",
                                             "-1",
                                             "0",
                                             "0.0",
                                             "-0",
                                             "nan",
                                             "NaN",
                                             "inf",
                                             "-inf",
                                             "1e3",
                                             "0x10",
                                             "+5",
                                             "5 5",
                                             "5,5",
                                             "1.2.3",
                                             ".",
                                             "soon",
                                             "99999999999999999999999",
                                             "9999999999999999999",
                                             "1e400",
                                             "5\n",
                                             "\xFF\xFE",
                                             "Thu, 05 Nov 2026 08:49:37 GMT"};
  for (const std::string_view text : bad) {
    const Delay delay = parse({{"retry-after-ms", text},
                               {"x-ms-retry-after-ms", text},
                               {"retry-after", text},
                               {"x-ratelimit-reset-requests", text},
                               {"x-rate-limit-reset-tokens", "9s"}});
    EXPECT_EQ(delay.duration, 9s) << "'" << text << "'";
  }
}

TEST(RetryAfter, NothingAtAll) {
  const Delay delay = parse({{"date", "Fri, 06 Nov 2026 08:49:37 GMT"}});
  EXPECT_EQ(delay.duration, 0s);
  EXPECT_EQ(delay.source, DelaySource::none);
}

TEST(RetryAfter, TheFirstGoodOneOfARepeatedFieldCounts) {
  EXPECT_EQ(parse({{"retry-after", "-1"}, {"retry-after", "4"}, {"retry-after", "5"}}).duration,
            4s);
}

TEST(RetryAfter, BadDatesAreGarbage) {
  for (const std::string_view text :
       {"Fri, 31 Feb 2027 08:49:37 GMT", "Fri, 06 Nov 2027 24:00:00 GMT",
        "Fri, 06 Nov 2027 08:60:00 GMT", "Fri, 6 Nov 2027 08:49:37 GMT",
        "Fri, 06 Foo 2027 08:49:37 GMT", "Fre, 06 Nov 2027 08:49:37 GMT",
        "Fri, 06 Nov 2027 08:49:37 CET", "Fri, 06 Nov 2027 08:49:37 GMT!",
        "Fri 06 Nov 2027 08:49:37 GMT", "Fri, 06-Nov-2027 08:49:37 GMT", "Fri,", "Fri",
        "Fri, 06 Nov 9999 08:49:37 GMT"}) {
    EXPECT_EQ(parse({{"retry-after", text}}).source, DelaySource::none) << text;
  }
}

TEST(RetryAfter, ATwoDigitYearFarAheadIsOfThePastCentury) {
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow),
            std::chrono::sys_days(std::chrono::year(1994) / 11 / 6) + 8h + 49min + 37s);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-70 08:49:37 GMT", kNow),
            std::chrono::sys_days(std::chrono::year(2070) / 11 / 6) + 8h + 49min + 37s);
}

TEST(RetryAfter, MalformedGoDurations) {
  for (const std::string_view text : {"1", "s", "1x", "1m30", "m1", "1.s.", "-1s", "1s ago", "µs",
                                      "100000000h", "1 s", "\xC2", "1\xC2s"}) {
    const auto delay = parse_reset_delay(text);
    if (text == "1") {
      EXPECT_EQ(delay, 1s);
    } else {
      EXPECT_FALSE(delay) << text;
    }
  }
  EXPECT_EQ(parse_reset_delay("5µs"), 5us);
  EXPECT_EQ(parse_reset_delay("1s2s"), 3s);
}

// Properties over many made-up values: what is written is read back, whatever it is written as.
TEST(RetryAfterProperty, NumbersAreReadBack) {
  base::Random random(7);
  for (int i = 0; i < 20000; ++i) {
    const auto millis = static_cast<std::int64_t>(1 + random.below(10'000'000));
    const base::Duration expected = std::chrono::milliseconds(millis);
    std::string fraction = std::to_string(1000 + millis % 1000).substr(1);
    const std::string seconds = std::to_string(millis / 1000) + "." + fraction;
    EXPECT_EQ(parse({{"retry-after-ms", std::to_string(millis)}}).duration, expected);
    EXPECT_EQ(parse({{"retry-after", seconds}}).duration, expected) << seconds;
    const std::string go = std::to_string(millis / 60000) + "m" +
                           std::to_string(millis / 1000 % 60) + "." + fraction + "s";
    EXPECT_EQ(parse_reset_delay(go), expected) << go;
  }
}

TEST(RetryAfterProperty, ResultsArePositiveAndBoundedForAnyBytes) {
  base::Random random(8);
  constexpr std::string_view alphabet = "0123456789.-+eE:, smhGMTFriNov\xC2\xB5\xFF";
  const std::vector<std::string_view> names = {"retry-after-ms", "retry-after",
                                               "x-ratelimit-reset-tokens"};
  for (int i = 0; i < 50000; ++i) {
    std::string value;
    for (std::uint64_t n = random.below(30); n > 0; --n) {
      value += alphabet[random.below(alphabet.size())];
    }
    const Delay delay = parse({{names[random.below(names.size())], value}});
    const bool is_found = delay.source != DelaySource::none;
    EXPECT_EQ(is_found, delay.duration > 0s) << value;
    EXPECT_LE(delay.duration, kLongestDelay) << value;
  }
}

/// A value, and what it says where it stands in a field of seconds, of milliseconds, of a reset.
struct Spelt {
  std::string text;
  base::Duration in_seconds{};  // zero: nothing
  base::Duration in_milliseconds{};
  base::Duration as_reset{};
};

std::string http_date(base::WallTime time) {
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string text = base::format_rfc3339(time);  // 2026-11-06T08:49:00.000Z
  const auto month = static_cast<std::size_t>(std::stoi(text.substr(5, 2))) - 1;
  return "Mon, " + text.substr(8, 2) + " " + std::string(months.at(month)) + " " +
         text.substr(0, 4) + " " + text.substr(11, 8) + " GMT";
}

Spelt spell(base::Random& random) {
  const auto n = static_cast<std::int64_t>(1 + random.below(200'000));
  const std::string digits = std::to_string(n);
  switch (random.below(8)) {
    case 0:
      return {digits, n * 1s, n * 1ms, n * 1s};
    case 1:
      return {"00" + digits + ".5", n * 1s + 500ms, n * 1ms + 500us, n * 1s + 500ms};
    case 2:
      return {digits + "ms", {}, {}, n * 1ms};
    case 3:
      return {digits + "m30s", {}, {}, n * 1min + 30s};
    case 4:
      return {http_date(kNow + n * 1s), n * 1s, {}, {}};
    case 5:
      return {http_date(kNow - n * 1s)};
    case 6:
      return {"-" + digits};
    default:
      break;
  }
  constexpr std::array<std::string_view, 6> garbage = {"", "0", "0.000", "soon", "1e9", "\xFF"};
  return {std::string(garbage.at(random.below(garbage.size())))};
}

TEST(RetryAfterProperty, TheFirstPositiveInTheOrderOfTheContractWins) {
  // In that order, and from which reading of the value each takes its time.
  constexpr std::array<std::pair<std::string_view, base::Duration Spelt::*>, 7> order = {{
      {"retry-after-ms", &Spelt::in_milliseconds},
      {"x-ms-retry-after-ms", &Spelt::in_milliseconds},
      {"retry-after", &Spelt::in_seconds},
      {"x-ratelimit-reset-requests", &Spelt::as_reset},
      {"x-ratelimit-reset-tokens", &Spelt::as_reset},
      {"x-rate-limit-reset-requests", &Spelt::as_reset},
      {"x-rate-limit-reset-tokens", &Spelt::as_reset},
  }};
  base::Random random(31);
  std::array<int, order.size() + 1> winners{};
  for (int i = 0; i < 20000; ++i) {
    struct Sent {
      std::string name;
      std::size_t rank;
      Spelt value;
    };
    std::vector<Sent> sent;
    for (std::uint64_t n = random.below(5); n > 0; --n) {
      const std::size_t rank = random.below(order.size());
      std::string name(order.at(rank).first);
      if (random.below(2) == 0) name.front() = static_cast<char>(name.front() - 'a' + 'A');
      sent.push_back({std::move(name), rank, spell(random)});
    }
    std::vector<base::Field> headers;
    base::Duration expected{};
    std::size_t winner = order.size();
    for (const Sent& field : sent) {
      headers.push_back({field.name, field.value.text});
      const base::Duration says = field.value.*order.at(field.rank).second;
      if (says == 0s || field.rank >= winner) continue;
      expected = says;
      winner = field.rank;
    }
    ++winners.at(winner);
    const Delay delay = parse(headers);
    ASSERT_EQ(delay.duration, expected) << i;
    ASSERT_EQ(delay.source == DelaySource::none, expected == 0s) << i;
    ASSERT_LE(delay.duration, kLongestDelay);
  }
  for (const int wins : winners)
    EXPECT_GT(wins, 100);
}

}  // namespace
}  // namespace spillway::routing
