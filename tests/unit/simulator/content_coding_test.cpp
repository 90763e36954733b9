#include "simulator/content_coding.hpp"

#include <boost/beast/zlib/inflate_stream.hpp>
#include <gtest/gtest.h>

#include <array>

namespace spillway::simulator {
namespace {

namespace zlib = boost::beast::zlib;
using std::chrono::milliseconds;

/// As much as the bytes give, however many there are.
std::string inflate(const std::string& raw) {
  zlib::inflate_stream stream;
  std::array<char, 65'536> out{};
  zlib::z_params window;
  window.next_in = raw.data();
  window.avail_in = raw.size();
  window.next_out = out.data();
  window.avail_out = out.size();
  boost::beast::error_code end;
  stream.write(window, zlib::Flush::sync, end);
  return {out.data(), out.size() - window.avail_out};
}

Reply two_events(Coding coding) {
  Reply reply = json_reply(200, "");
  reply.coding = coding;
  reply.events.push_back({milliseconds(0), "data: one\n\n", EventRole::output});
  reply.events.push_back({milliseconds(0), "data: two\n\n", EventRole::output});
  return reply;
}

TEST(ContentCoding, GzipsABodyAndSaysSo) {
  Reply reply = json_reply(200, std::string(9'000, 'x') + "end");
  reply.coding = Coding::gzip;
  encode_content(reply);
  EXPECT_EQ(reply.headers.back(), (Header{"Content-Encoding", "gzip"}));
  EXPECT_EQ(reply.body.substr(0, 3), "\x1f\x8b\x08");
  EXPECT_EQ(inflate(reply.body.substr(10)), std::string(9'000, 'x') + "end");
}

TEST(ContentCoding, EachEventCanBeDecodedWhenItHasCome) {
  auto gzip = two_events(Coding::gzip);
  encode_content(gzip);
  EXPECT_EQ(inflate(gzip.events[0].text.substr(10)), "data: one\n\n");
  auto deflate = two_events(Coding::deflate);
  encode_content(deflate);
  EXPECT_EQ(inflate((deflate.events[0].text + deflate.events[1].text).substr(2)),
            "data: one\n\ndata: two\n\n");
}

TEST(ContentCoding, LeavesAloneWhatIsNotToBeCoded) {
  auto reply = two_events(Coding::identity);
  encode_content(reply);
  EXPECT_EQ(reply.events[0].text, "data: one\n\n");
  EXPECT_EQ(reply.headers.size(), 1U);
}

}  // namespace
}  // namespace spillway::simulator
