#include <spillway/aoai/content_decoder.hpp>

#include <gtest/gtest.h>

#include <string>
#include <zlib.h>

namespace spillway::aoai {
namespace {

constexpr int kGzip = 16 + MAX_WBITS;
constexpr int kZlib = MAX_WBITS;
constexpr int kRaw = -MAX_WBITS;

std::string encode(std::string_view text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

struct Decoded {
  std::string text;
  bool is_ok = true;
};

Decoded decode(std::string_view encoded, std::size_t step) {
  ContentDecoder decoder;
  Decoded decoded;
  for (std::size_t i = 0; i < encoded.size(); i += step) {
    decoded.is_ok = decoder.decode(encoded.substr(i, step), [&](std::string_view piece) {
      EXPECT_LE(piece.size(), std::size_t{16} << 10U);
      decoded.text += piece;
    });
  }
  return decoded;
}

std::string some_text() {
  std::string text;
  for (int i = 0; i < 9000; ++i)
    text += "event " + std::to_string(i * 7919) + "\n";
  return text;
}

TEST(ContentDecoder, UndoesGzipZlibAndRawDeflateInAnySplit) {
  const std::string text = some_text();
  for (const int bits : {kGzip, kZlib, kRaw}) {
    const std::string encoded = encode(text, bits);
    for (const std::size_t step :
         {std::size_t{1}, std::size_t{2}, std::size_t{977}, encoded.size()}) {
      const Decoded decoded = decode(encoded, step);
      EXPECT_TRUE(decoded.is_ok) << bits;
      EXPECT_EQ(decoded.text == text, true) << bits << " by " << step;
    }
  }
}

TEST(ContentDecoder, GivesWhatIsThereAsItComes) {
  const std::string encoded = encode(some_text(), kGzip);
  const Decoded half = decode(std::string_view(encoded).substr(0, encoded.size() / 2), 100);
  EXPECT_TRUE(half.is_ok);
  EXPECT_TRUE(some_text().starts_with(half.text));
  EXPECT_GT(half.text.size(), some_text().size() / 4);
}

TEST(ContentDecoder, ReadsSeveralMembersOfGzip) {
  const Decoded decoded = decode(encode("one,", kGzip) + encode("two", kGzip), 3);
  EXPECT_TRUE(decoded.is_ok);
  EXPECT_EQ(decoded.text, "one,two");
}

TEST(ContentDecoder, NothingComesOutBehindWhatIsMalformed) {
  std::string encoded = encode(some_text(), kGzip);
  encoded[encoded.size() / 2] = static_cast<char>(~encoded[encoded.size() / 2]);
  EXPECT_FALSE(decode(encoded, 50).is_ok);
  EXPECT_FALSE(decode("this is plain text, not deflated", 5).is_ok);
  EXPECT_FALSE(decode(encode("x", kGzip) + "garbage behind", 100).is_ok);
}

TEST(ContentDecoder, ABombIsNotLetGoOff) {
  const std::string encoded = encode(std::string(std::size_t{8} << 20U, '0'), kGzip);
  const Decoded decoded = decode(encoded, 4096);
  EXPECT_FALSE(decoded.is_ok);
  EXPECT_LT(decoded.text.size(), std::size_t{2} << 20U);
}

TEST(ContentDecoder, AShortTextMayPackWell) {
  const std::string text(40000, 'x');
  EXPECT_EQ(decode(encode(text, kGzip), 10).text, text);
}

TEST(ContentDecoder, KnowsWhatItCanUndo) {
  for (const auto coding : {"gzip", "GZIP", "x-gzip", "deflate", " gzip "})
    EXPECT_TRUE(ContentDecoder::can_decode(coding)) << coding;
  for (const auto coding : {"", "br", "zstd", "identity", "gzip, gzip", "compress"})
    EXPECT_FALSE(ContentDecoder::can_decode(coding)) << coding;
}

}  // namespace
}  // namespace spillway::aoai
