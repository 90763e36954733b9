#include "../../../src/config/scalars.hpp"

#include <gtest/gtest.h>

namespace spillway::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Duration, forms) {
  const std::vector<std::pair<std::string_view, Duration>> cases = {
      {"250ms", milliseconds(250)},
      {"10s", seconds(10)},
      {"1m30s", seconds(90)},
      {"2h", hours(2)},
      {"1d", hours(24)},
      {"1h1m1s1ms", milliseconds(3661001)},
      {"0s", seconds(0)},
      {"1.5s", milliseconds(1500)},
      {"0.25s", milliseconds(250)},
      {"90s", seconds(90)},
      {"PT1M", seconds(60)},
      {"PT1M30S", seconds(90)},
      {"PT0.5S", milliseconds(500)},
      {"P1D", hours(24)},
      {"P1DT2H", hours(26)},
      {"PT2H", hours(2)},
  };
  for (const auto& [text, expected] : cases) {
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.message();
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(Duration, a_number_without_a_unit_is_an_error) {
  for (const std::string_view text : {"10", "0", "1.5"}) {
    EXPECT_EQ(parse_duration(text).message().substr(0, 12), "has no unit;") << text;
  }
}

TEST(Duration, what_is_not_one) {
  for (const std::string_view text : {"",
                                      "s",
                                      "-1s",
                                      "+1s",
                                      "1 s",
                                      " 1s",
                                      "1s ",
                                      "1S",
                                      "1m1m",
                                      "30s1m",
                                      "1x",
                                      "1s5",
                                      "1.s",
                                      ".5s",
                                      "1.2.3s",
                                      "1e3s",
                                      "P",
                                      "PT",
                                      "P1",
                                      "PT1",
                                      "P1M",
                                      "PT1D",
                                      "P1DT",
                                      "pt1m",
                                      "PT1m",
                                      "PT-1S",
                                      "99999999999999999999s",
                                      "9999999999h",
                                      "20000d",
                                      "infinity",
                                      "1ms1s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Duration, is_written_back_as_an_operator_would) {
  EXPECT_EQ(format_duration(seconds(90)), "1m30s");
  EXPECT_EQ(format_duration(milliseconds(50)), "50ms");
  EXPECT_EQ(format_duration(hours(24)), "1d");
  EXPECT_EQ(format_duration(seconds(0)), "0s");
}

TEST(Size, forms) {
  EXPECT_EQ(*parse_size("256B"), 256U);
  EXPECT_EQ(*parse_size("0B"), 0U);
  EXPECT_EQ(*parse_size("64KiB"), 65536U);
  EXPECT_EQ(*parse_size("16MiB"), 16U << 20U);
  EXPECT_EQ(*parse_size("1GiB"), 1U << 30U);
  EXPECT_EQ(*parse_size("1TiB"), 1ULL << 40U);
}

TEST(Size, what_is_not_one) {
  EXPECT_EQ(parse_size("64").message().substr(0, 11), "has no unit");
  EXPECT_NE(parse_size("64KB").message().find("unknown unit"), std::string::npos);
  EXPECT_NE(parse_size("2TiB").message().find("more than 1TiB"), std::string::npos);
  for (const std::string_view text : {"", "B", "-1B", "1.5MiB", "1 MiB", "64kib", "64K", "1GiB1MiB",
                                      "18446744073709551615B", "99999999999999999999B"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Size, is_written_back_in_the_greatest_unit) {
  EXPECT_EQ(format_size(65536), "64KiB");
  EXPECT_EQ(format_size(1500), "1500B");
  EXPECT_EQ(format_size(0), "0B");
  EXPECT_EQ(format_size(1ULL << 40U), "1TiB");
}

TEST(Percent, forms) {
  EXPECT_EQ(*parse_percent("20%"), 20U);
  EXPECT_EQ(*parse_percent("0%"), 0U);
  EXPECT_EQ(*parse_percent("100%"), 100U);
  EXPECT_EQ(parse_percent("20").message().substr(0, 12), "has no % sig");
  for (const std::string_view text : {"", "%", "101%", "-1%", "2.5%", "20%%", "20 %", "x%"}) {
    EXPECT_FALSE(parse_percent(text)) << text;
  }
}

TEST(Number, forms) {
  EXPECT_EQ(*parse_number("0"), 0U);
  EXPECT_EQ(*parse_number("4294967295"), 4294967295U);
  for (const std::string_view text :
       {"", "-1", "+1", "1.0", "1e3", "0x10", "010", " 1", "4294967296", "1_000", "one"}) {
    EXPECT_FALSE(parse_number(text)) << text;
  }
}

TEST(Statuses, forms) {
  EXPECT_EQ(parse_status_range("429")->first, 429U);
  EXPECT_EQ(parse_status_range("429")->last, 429U);
  EXPECT_EQ(parse_status_range("500-599")->first, 500U);
  EXPECT_EQ(parse_status_range("500-599")->last, 599U);
  for (const std::string_view text :
       {"", "5xx", "599-500", "200", "399-400", "600", "500-600", "500-", "-599", "500 - 599"}) {
    EXPECT_FALSE(parse_status_range(text)) << text;
  }
}

TEST(AddressText, forms) {
  EXPECT_EQ(*parse_address("0.0.0.0:8080"), (Address{"0.0.0.0", 8080}));
  EXPECT_EQ(*parse_address("127.0.0.1:0"), (Address{"127.0.0.1", 0}));
  EXPECT_EQ(*parse_address("[::]:8443"), (Address{"::", 8443}));
  EXPECT_EQ(*parse_address("[FE80::1]:1"), (Address{"fe80::1", 1}));
  EXPECT_EQ(*parse_address("LocalHost:65535"), (Address{"localhost", 65535}));
  EXPECT_EQ(*parse_address("my_host-1.example.:80"), (Address{"my_host-1.example.", 80}));
}

TEST(AddressText, what_is_not_one) {
  EXPECT_NE(parse_address(":8080").message().find("0.0.0.0 or [::]"), std::string::npos);
  EXPECT_NE(parse_address("*:8080").message().find("0.0.0.0 or [::]"), std::string::npos);
  EXPECT_NE(parse_address("::1").message().find("without brackets"), std::string::npos);
  EXPECT_NE(parse_address("localhost").message().find("has no port"), std::string::npos);
  EXPECT_NE(parse_address("[::1]").message().find("has no port"), std::string::npos);
  for (const std::string_view text :
       {"", "8080", "1.2.3:80", "256.1.1.1:80", "1.2.3.4.5:80", "host:65536", "host:-1",
        "host:", "host:80:80", "[::1:80", "[1.2.3.4]:80", "[::1]80", "[fe80::1%eth0]:80", "a b:80",
        "-a:80", "a..b:80", "http://a:80", "a/b:80", "host:0080"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

TEST(UrlText, forms) {
  const auto plain = parse_url("https://Contoso-EastUS.openai.azure.com");
  ASSERT_TRUE(plain) << plain.message();
  EXPECT_EQ(*plain, (Url{true, "contoso-eastus.openai.azure.com", 443, ""}));
  EXPECT_EQ(*parse_url("https://a.example/"), (Url{true, "a.example", 443, ""}));
  EXPECT_EQ(*parse_url("http://127.0.0.1:18101"), (Url{false, "127.0.0.1", 18101, ""}));
  EXPECT_EQ(*parse_url("http://sim"), (Url{false, "sim", 80, ""}));
  EXPECT_EQ(*parse_url("HTTPS://[::1]:8443/a/b/"), (Url{true, "::1", 8443, "/a/b"}));
}

TEST(UrlText, what_is_not_one) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"", "is not a URL"},
      {"contoso.openai.azure.com", "is not a URL"},
      {"://x", "is not a URL"},
      {"ftp://x", "neither https nor http"},
      {"https://", "no valid host"},
      {"https:///a", "no valid host"},
      {"https://a b", "no valid host"},
      {"https://a:99999", "no valid host"},
      {"https://a:", "no valid host"},
      {"https://a:0", "port 0"},
      {"https://user:pass@a", "user name or password"},
      {"https://a?x=1", "query or a fragment"},
      {"https://a/b#c", "query or a fragment"},
      {"https://a//b", "empty or dot segments"},
      {"https://a/../b", "empty or dot segments"},
      {"https://a/.", "empty or dot segments"},
      {"https://a//", "empty or dot segments"},
      {"https://a/b%2fc", "empty or dot segments"},
      {"https://a/b c", "empty or dot segments"},
  };
  for (const auto& [text, fragment] : cases) {
    const auto parsed = parse_url(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.message().find(fragment), std::string::npos) << text << parsed.message();
  }
}

TEST(AuthorityText, is_https_or_local) {
  EXPECT_EQ(*parse_authority("https://login.microsoftonline.us/"),
            "https://login.microsoftonline.us");
  EXPECT_EQ(*parse_authority("http://127.0.0.1:18100"), "http://127.0.0.1:18100");
  EXPECT_EQ(*parse_authority("http://127.9.9.9"), "http://127.9.9.9");
  EXPECT_EQ(*parse_authority("http://localhost:1/tokens"), "http://localhost:1/tokens");
  EXPECT_EQ(*parse_authority("http://[::1]:1"), "http://[::1]:1");
  EXPECT_EQ(*parse_authority("http://169.254.169.254"), "http://169.254.169.254");
  for (const std::string_view text :
       {"http://login.microsoftonline.com", "http://10.0.0.1", "http://127.evil.example",
        "http://169.254.169.254.evil.example", "login.microsoftonline.com", ""}) {
    EXPECT_FALSE(parse_authority(text)) << text;
  }
}

TEST(Host, names_and_literals) {
  for (const std::string_view text : {"a", "a.b-c_d.example", "1.2.3.4", "::1", "3com.example"}) {
    EXPECT_TRUE(is_host(text)) << text;
  }
  const std::string long_label(64, 'a');
  for (const std::string_view text :
       {std::string_view(""), std::string_view("."), std::string_view("a b"),
        std::string_view("1.2.3"), std::string_view("a."), std::string_view("[::1]"),
        std::string_view("a:1"), std::string_view(long_label)}) {
    EXPECT_EQ(is_host(text), text == "a.") << text;
  }
}

}  // namespace
}  // namespace spillway::config
