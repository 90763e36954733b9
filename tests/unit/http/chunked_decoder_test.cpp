#include <spillway/http/chunked_decoder.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::http {
namespace {

struct Decoded {
  std::string body;
  std::string rest;  // not consumed
  bool is_done = false;
  std::string error;
  bool operator==(const Decoded&) const = default;
};

void PrintTo(const Decoded& decoded, std::ostream* out) {
  *out << '"' << decoded.body << "\" rest \"" << decoded.rest << "\" done " << decoded.is_done
       << " error \"" << decoded.error << '"';
}

// Feeds `text` in pieces that end at each of `cuts`, and at its end.
Decoded decode(const std::string& text, std::vector<std::size_t> cuts = {}, Limits limits = {}) {
  ChunkedDecoder decoder(limits, base::Side::client);
  Decoded result;
  std::size_t begin = 0;
  cuts.push_back(text.size());
  for (const std::size_t end : cuts) {
    std::string piece = text.substr(begin, end - begin);
    begin = end;
    const auto progress = decoder.decode(piece);
    if (!progress) {
      result.error = progress.error().detail();
      return result;
    }
    result.body += piece.substr(0, progress->body);
    result.rest += piece.substr(progress->consumed);
  }
  result.is_done = decoder.is_done();
  return result;
}

std::vector<std::size_t> byte_cuts(const std::string& text) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < text.size(); ++i)
    cuts.push_back(i);
  return cuts;
}

TEST(ChunkedDecoder, DecodesAndLeavesWhatFollows) {
  const Decoded decoded = decode("3\r\nabc\r\n5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1\r\n");
  EXPECT_EQ(decoded.body, "abchello");
  EXPECT_EQ(decoded.rest, "GET / HTTP/1.1\r\n");
  EXPECT_TRUE(decoded.is_done);
}

TEST(ChunkedDecoder, CompactsSeveralChunksToTheFront) {
  std::string input = "1\r\na\r\n1;x=y\r\nb\r\n2\r\ncd\r\n4\r\nef";
  ChunkedDecoder decoder(Limits(), base::Side::upstream);
  const auto progress = decoder.decode(input);
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->consumed, input.size());
  EXPECT_EQ(input.substr(0, progress->body), "abcdef");
  EXPECT_EQ(decoder.chunk_bytes_left(), 2U);
  EXPECT_FALSE(decoder.is_done());
}

TEST(ChunkedDecoder, EverySplitGivesTheSame) {
  const std::vector<std::string> texts{
      "5\r\nhello\r\n0\r\n\r\nrest",
      "A;name=\"quoted; text\" ;b\r\n0123456789\r\n00\r\nX-Trailer: 1\r\nY:\r\n\r\n",
      "1 \t;e\r\nx\r\n0;last\r\n\r\n",
      "000001\r\nx\r\n0\r\n\r\n",
      "3\r\nab",
      "3\r\nabcd\r\n",
      "3\r\nabc\n0\r\n\r\n",
      "0\r\nBad Trailer: 1\r\n\r\n",
      "ffffffffffffffff\r\n",
  };
  for (const std::string& text : texts) {
    const Decoded whole = decode(text);
    const bool keeps_body = whole.error.empty();
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      Decoded split = decode(text, {cut});
      if (!keeps_body) split.body = whole.body;  // what came before the fault may have been given
      EXPECT_EQ(split, whole) << text << " cut at " << cut;
    }
    Decoded bytewise = decode(text, byte_cuts(text));
    if (!keeps_body) bytewise.body = whole.body;
    EXPECT_EQ(bytewise, whole) << text;
  }
}

TEST(ChunkedDecoder, RefusesWhatIsNotStrictlyChunked) {
  const std::vector<std::string> bad{
      "\r\n",
      "\n",
      ";x\r\n",
      " 3\r\nabc\r\n",
      "3 \r\nabc\r\n",
      "3\t\r\nabc\r\n",
      "0x3\r\nabc\r\n",
      "+3\r\nabc\r\n",
      "-1\r\n",
      "3\nabc\r\n",
      "3\rabc\r\n",
      "3\r\r\nabc",
      "3\r\nabcd\r\n0\r\n\r\n",
      "3\r\nabc\n0\r\n\r\n",
      "3\r\nabc0\r\n\r\n",
      "3\r\nabc\rX0\r\n\r\n",
      "3;a\nb\r\nabc\r\n",
      "3;a\x01\r\nabc\r\n",
      std::string("3;a\0\r\nabc\r\n", 11),
      "1000000000000000\r\n",
      "0000000000000001\r\n",
      "fffffffffffffffff\r\n",
      "g\r\n",
      "3_0\r\n",
      "3,3\r\n",
      "0\r\n\n",
      "0\r\n\rX",
      "0\n\r\n",
      "0\r\nGET / HTTP/1.1\r\n\r\n",
      "0\r\n: empty\r\n\r\n",
      "0\r\n folded: x\r\n\r\n",
      "0\r\nA: b\nC: d\r\n\r\n",
      "0\r\nA: b\rC: d\r\n\r\n",
      "0\r\nA: \x02\r\n\r\n",
      "0\r\nNoColon\r\n\r\n",
      "0\r\nA : b\r\n\r\n",
  };
  for (const std::string& text : bad) {
    const Decoded decoded = decode(text);
    EXPECT_NE(decoded.error, "") << text;
    EXPECT_FALSE(decoded.is_done) << text;
  }
}

TEST(ChunkedDecoder, TakesFifteenDigits) {
  ChunkedDecoder decoder(Limits(), base::Side::client);
  std::string input = "fffffffffffffff\r\nab";
  ASSERT_TRUE(decoder.decode(input));
  EXPECT_EQ(decoder.chunk_bytes_left(), (std::uint64_t{1} << 60U) - 1 - 2);
}

TEST(ChunkedDecoder, BoundsOneSizeLine) {
  Limits limits;
  limits.chunk_overhead_line_bytes = 16;
  EXPECT_EQ(decode("1;" + std::string(14, 'x') + "\r\na\r\n0\r\n\r\n", {}, limits).body, "a");
  EXPECT_NE(decode("1;" + std::string(15, 'x') + "\r\na\r\n0\r\n\r\n", {}, limits).error, "");
}

TEST(ChunkedDecoder, BoundsAllExtensionsOfAMessage) {
  Limits limits;
  limits.chunk_extension_bytes = 10;
  std::string chunks;
  for (int i = 0; i < 5; ++i)
    chunks += "1;x\r\na\r\n";
  EXPECT_EQ(decode(chunks + "0\r\n\r\n", {}, limits).body, "aaaaa");
  EXPECT_NE(decode(chunks + "0;\r\n\r\n", {}, limits).error, "");
}

TEST(ChunkedDecoder, BoundsTrailers) {
  Limits limits;
  limits.trailer_bytes = 8;  // "A: 12345" with what ends it but the CRLF of the blank line
  EXPECT_TRUE(decode("0\r\nA: 123\r\n\r\n", {}, limits).is_done);
  EXPECT_NE(decode("0\r\nA: 1234567\r\n\r\n", {}, limits).error, "");
  EXPECT_NE(decode("0\r\n" + std::string(100, 'a'), {}, limits).error, "");
}

TEST(ChunkedDecoder, FaultNamesTheSide) {
  std::string input = "z";
  const auto of_client = ChunkedDecoder(Limits(), base::Side::client).decode(input);
  EXPECT_EQ(of_client.error().fault(), base::Fault::bad_request);
  const auto of_upstream = ChunkedDecoder(Limits(), base::Side::upstream).decode(input);
  EXPECT_EQ(of_upstream.error().fault(), base::Fault::upstream_malformed);
}

TEST(ChunkedDecoder, StaysFailed) {
  ChunkedDecoder decoder(Limits(), base::Side::client);
  std::string bad = "z";
  std::string good = "1\r\na\r\n";
  EXPECT_FALSE(decoder.decode(bad));
  EXPECT_FALSE(decoder.decode(good));
}

}  // namespace
}  // namespace spillway::http
