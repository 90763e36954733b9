#include <spillway/base/time.hpp>

#include <gtest/gtest.h>

namespace spillway::base {
namespace {

WallTime at(long long milliseconds) {
  return WallTime(std::chrono::milliseconds(milliseconds));
}

TEST(Rfc3339, is_utc_with_milliseconds) {
  EXPECT_EQ(format_rfc3339(at(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(at(1'795'425'600'123)), "2026-11-23T09:20:00.123Z");
  EXPECT_EQ(format_rfc3339(at(1'709'210'096'007)), "2024-02-29T12:34:56.007Z");
}

TEST(Rfc3339, rounds_down_not_towards_zero) {
  EXPECT_EQ(format_rfc3339(at(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_rfc3339(WallTime(std::chrono::microseconds(1'999))), "1970-01-01T00:00:00.001Z");
}

}  // namespace
}  // namespace spillway::base
