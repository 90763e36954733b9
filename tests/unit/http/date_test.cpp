#include <spillway/http/date.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace spillway::http {
namespace {

TEST(Dates, AreWrittenAsHttpWantsThem) {
  const auto at = [](std::int64_t seconds) {
    return format_date(base::WallTime(std::chrono::seconds(seconds)));
  };
  EXPECT_EQ(at(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(at(1'709'164'800), "Thu, 29 Feb 2024 00:00:00 GMT");
}

TEST(DateOfNow, IsTheDateWheneverItIsAsked) {
  DateOfNow date;
  const base::WallTime begin(std::chrono::seconds(784'111'777));
  for (const int milliseconds : {0, 1, 999, 1'000, 1'001, 3'600'000, 500, -1}) {
    const base::WallTime now = begin + std::chrono::milliseconds(milliseconds);
    EXPECT_EQ(date.at(now), format_date(now)) << milliseconds;
  }
  EXPECT_EQ(date.at(base::WallTime()), "Thu, 01 Jan 1970 00:00:00 GMT");
}

}  // namespace
}  // namespace spillway::http
