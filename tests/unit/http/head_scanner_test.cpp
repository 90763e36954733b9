#include <spillway/http/head_scanner.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace spillway::http {
namespace {

Limits small_limits() {
  Limits limits;
  limits.request_line_bytes = 20;
  limits.header_bytes = 40;
  return limits;
}

// The size of the head, or minus the status of the refusal, or 0: bytes are missing.
int scan_in_steps(const std::string& text, std::size_t step, base::Side side = base::Side::client) {
  const Limits limits = small_limits();
  HeadScanner scanner(limits, side);
  for (std::size_t held = 0;;) {
    held = std::min(held + step, text.size());
    const auto found = scanner.scan(std::string_view(text).substr(0, held));
    if (!found) return -static_cast<int>(found.error().status());
    if (*found) return static_cast<int>(**found);
    if (held == text.size()) return 0;
  }
}

TEST(HeadScanner, VerdictDoesNotDependOnTheSplit) {
  const std::vector<std::pair<std::string, int>> cases{
      {"GET / HTTP/1.1\r\n\r\n", 18},
      {"GET / HTTP/1.1\r\n\r\nmore\nbytes", 18},
      {"GET / HTTP/1.1\r\nA: b\r\n\r\n", 24},
      {"GET / HTTP/1.1\r\nA: b\r\n", 0},
      {"GET / HTTP/1.1", 0},
      {"GET / HTTP/1.1\n\n", -400},
      {"GET / HTTP/1.1\r\nA: b\n\r\n", -400},
      {"GET / HTTP/1.1\r\nA: b\r\n\n", -400},
      {"\r\nGET / HTTP/1.1\r\n\r\n", -400},
      {"\nGET", -400},
      {"\x16\x03\x01", -400},
      {" GET / HTTP/1.1\r\n\r\n", -400},
      {"12345678901234567890\r\n\r\n", 24},     // a line of just the limit
      {"123456789012345678901\r\n\r\n", -414},  // one more
      {std::string(300, 'a'), -414},
      {"GET / HTTP/1.1\r\n" + std::string(300, 'a'), -431},
      {"GET / HTTP/1.1\r\n12345678901234567890\r\n\r\n", 40},
      {"GET / HTTP/1.1\r\n123456789012345678901\r\n\r\n", -431},
      {"GET / HTTP/1.1\r\n" + std::string(30, 'a') + "\n", -431},  // not 400: the limit comes first
  };
  for (const auto& [text, expected] : cases) {
    for (std::size_t step = 1; step <= text.size(); ++step) {
      EXPECT_EQ(scan_in_steps(text, step), expected) << text << " in steps of " << step;
    }
  }
}

TEST(HeadScanner, ResponsesBeginWithH) {
  EXPECT_EQ(scan_in_steps("HTTP/1.1 200 OK\r\n\r\n", 100, base::Side::upstream), 19);
  EXPECT_EQ(scan_in_steps("GET", 1, base::Side::upstream), -400);
  EXPECT_EQ(scan_in_steps("\r\n", 1, base::Side::upstream), -400);
}

}  // namespace
}  // namespace spillway::http
