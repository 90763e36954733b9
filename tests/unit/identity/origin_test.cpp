#include <spillway/identity/origin.hpp>

#include <gtest/gtest.h>

namespace spillway::identity {
namespace {

TEST(Origin, WellFormed) {
  const struct {
    const char* url;
    Origin origin;
  } rows[] = {
      {"https://login.microsoftonline.com", {true, "login.microsoftonline.com", 443, ""}},
      {"HTTPS://h/", {true, "h", 443, ""}},
      {"http://h", {false, "h", 80, ""}},
      {"http://h:8080/a/b//", {false, "h", 8080, "/a/b"}},
      {"http://[::1]:81", {false, "::1", 81, ""}},
      {"https://[fe80::1]", {true, "fe80::1", 443, ""}},
  };
  for (const auto& row : rows) {
    const auto origin = parse_origin(row.url);
    ASSERT_TRUE(origin.has_value()) << row.url;
    EXPECT_EQ(origin->is_tls, row.origin.is_tls) << row.url;
    EXPECT_EQ(origin->host, row.origin.host) << row.url;
    EXPECT_EQ(origin->port, row.origin.port) << row.url;
    EXPECT_EQ(origin->path_prefix, row.origin.path_prefix) << row.url;
  }
}

TEST(Origin, Malformed) {
  for (const auto* url : {"", "h", "ftp://h", "https://", "https:///x", "https://h:", "https://h:0",
                          "https://h:65536", "https://h:x", "https://u@h", "https://h?x",
                          "https://h#x", "https://h h", "https://[::1", "https://[::1]x",
                          "https://[::1]:", "https://h\\x", "https://a:b:c"}) {
    EXPECT_TRUE(parse_origin(url).has_error()) << url;
  }
}

}  // namespace
}  // namespace spillway::identity
