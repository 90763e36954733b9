#include <spillway/identity/date_text.hpp>

#include <gtest/gtest.h>

namespace spillway::identity {
namespace {

TEST(DateText, KnownForms) {
  const std::pair<const char*, const char*> rows[] = {
      {"11/24/2026 9:20:00 AM +00:00", "2026-11-24T09:20:00.000Z"},
      {"11/24/2026 9:20:00 PM +00:00", "2026-11-24T21:20:00.000Z"},
      {"1/2/2027 12:00:05 AM +00:00", "2027-01-02T00:00:05.000Z"},
      {"1/2/2027 12:00:05 PM +00:00", "2027-01-02T12:00:05.000Z"},
      {"11/24/2026 21:20:00 +01:30", "2026-11-24T19:50:00.000Z"},
      {"11/24/2026 21:20:00 -08:00", "2026-11-25T05:20:00.000Z"},
      {"11/24/2026 21:20:00", "2026-11-24T21:20:00.000Z"},
      {"2026-11-24T09:20:00Z", "2026-11-24T09:20:00.000Z"},
      {"2026-11-24T09:20:00.1234567+02:00", "2026-11-24T07:20:00.000Z"},
      {" 2026-11-24T09:20:00 ", "2026-11-24T09:20:00.000Z"},
  };
  for (const auto& [text, expected] : rows) {
    const auto time = parse_date_text(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(base::format_rfc3339(*time), expected) << text;
  }
}

TEST(DateText, EverythingElseIsNone) {
  for (const auto* text :
       {"", "x", "11/24/2026", "24/11/2026 9:20:00 AM +00:00", "2/30/2026 9:20:00 AM",
        "11/24/2026 13:20:00 AM", "11/24/2026 0:20:00 AM", "11/24/2026 24:00:00",
        "11/24/2026 9:60:00", "11/24/2026 9:20:61", "11/24/2026 9:20:00 AM +", "1795516800",
        "11/24/2026 9:20:00 AM +00:00x", "2026-11-24", "2026-13-24T09:20:00Z",
        "2026-11-24 09:20:00Z", "//2026 9:20:00", "-1/2/2026 9:20:00"}) {
    EXPECT_FALSE(parse_date_text(text)) << text;
  }
}

TEST(HttpDate, AsServersWriteIt) {
  using namespace std::chrono_literals;
  EXPECT_EQ(parse_http_date("Mon, 23 Nov 2026 10:40:00 GMT"), base::WallTime(1'795'430'400s));
  EXPECT_EQ(parse_http_date(" Sun, 06 Nov 1994 08:49:37 GMT "), base::WallTime(784'111'777s));
  for (const auto* text : {"", "0", "Mon", "Mon, 23 Nov 2026 10:40:00",
                           "Mon, 23 nov 2026 10:40:00 GMT", "Mon, 31 Feb 2026 10:40:00 GMT",
                           "Mon, 23 Nov 2026 24:40:00 GMT", "Mon, 23 Nov 2026 10:40:00 GMT x",
                           "Mon 23 Nov 2026 10:40:00 GMT", "Mon, 23 ovD 2026 10:40:00 GMT"}) {
    EXPECT_FALSE(parse_http_date(text)) << text;
  }
}

}  // namespace
}  // namespace spillway::identity
