#include <spillway/http/message_writer.hpp>

#include <gtest/gtest.h>

namespace spillway::http {
namespace {

TEST(MessageWriter, WritesARequestHead) {
  std::string out;
  append_request_line(out, "POST", "/openai/v1/responses?api-version=x");
  EXPECT_TRUE(append_field(out, "Host", "backend.example"));
  append_field(out, "Content-Length", 1234);
  append_head_end(out);
  EXPECT_EQ(out,
            "POST /openai/v1/responses?api-version=x HTTP/1.1\r\nHost: backend.example\r\n"
            "Content-Length: 1234\r\n\r\n");
}

TEST(MessageWriter, WritesAStatusLine) {
  std::string out;
  append_status_line(out, 429, reason_phrase(429));
  EXPECT_EQ(out, "HTTP/1.1 429 Too Many Requests\r\n");
}

TEST(MessageWriter, KeepsTheBlankBehindAStatusWithoutReason) {
  std::string out;
  append_status_line(out, 299, reason_phrase(299));
  EXPECT_EQ(out, "HTTP/1.1 299 \r\n");
}

TEST(MessageWriter, RefusesFieldsThatBreakTheHead) {
  using namespace std::string_view_literals;
  for (const auto value : {"a\r\nX: y"sv, "a\n"sv, "a\rb"sv, "a\0b"sv, "\x7f"sv, "\x01"sv}) {
    std::string out = "before";
    EXPECT_FALSE(append_field(out, "X-Name", value));
    EXPECT_EQ(out, "before");
  }
  for (const auto name : {""sv, "X Y"sv, "X:"sv, "X\r\nY"sv, "\xc3\xa4"sv}) {
    std::string out;
    EXPECT_FALSE(append_field(out, name, "v"));
    append_field(out, name, 7);
    EXPECT_EQ(out, "");
  }
}

TEST(MessageWriter, LetsTabsAndHighBytesThrough) {
  std::string out;
  EXPECT_TRUE(append_field(out, "X", "a\tb \xc3\xa4"));
  EXPECT_EQ(out, "X: a\tb \xc3\xa4\r\n");
}

TEST(MessageWriter, CannotSplitTheStartLine) {
  std::string out;
  append_request_line(out, "GET", "/a b\r\nHost: evil");
  EXPECT_EQ(out, "GET /a%20b%0D%0AHost:%20evil HTTP/1.1\r\n");
  out.clear();
  append_status_line(out, 200, "OK\r\nSet-Cookie: x");
  EXPECT_EQ(out, "HTTP/1.1 200 \r\n");
}

TEST(MessageWriter, WritesChunkSizesInHex) {
  std::string out;
  append_chunk_header(out, 1);
  append_chunk_header(out, 26);
  append_chunk_header(out, 65536);
  EXPECT_EQ(out, "1\r\n1a\r\n10000\r\n");
}

TEST(MessageWriter, KnowsTheReasonPhrases) {
  EXPECT_EQ(reason_phrase(100), "Continue");
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(511), "Network Authentication Required");
  EXPECT_EQ(reason_phrase(0), "");
  EXPECT_EQ(reason_phrase(999), "");
}

}  // namespace
}  // namespace spillway::http
