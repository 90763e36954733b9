#include <spillway/aoai/content_decoder.hpp>
#include <spillway/base/text.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <zlib.h>

namespace spillway::aoai {
namespace {

constexpr std::size_t kPiece = std::size_t{16} << 10U;
constexpr std::uint64_t kAlwaysAllowed = std::uint64_t{64} << 10U;  // a short text packs well

constexpr int kGzipOrZlib = 32 + MAX_WBITS;
constexpr int kRaw = -MAX_WBITS;

// RFC 1952 §2.3.1, RFC 1950 §2.2; what is neither begins without a header (many servers send that
// for "deflate").
int window_bits_for(unsigned first, unsigned second) {
  const bool is_gzip = first == 0x1F && second == 0x8B;
  const bool is_zlib = (first & 0x0FU) == 8 && (first * 256 + second) % 31 == 0;
  return is_gzip || is_zlib ? kGzipOrZlib : kRaw;
}

}  // namespace

class ContentDecoder::Inflation {
 public:
  using Sink = std::function<void(std::string_view)>;

  Inflation() = default;
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;
  ~Inflation() {
    if (has_begun_) inflateEnd(&stream_);
  }

  bool decode(std::string_view encoded, const Sink& sink);

 private:
  bool begin(std::string_view& encoded, const Sink& sink);
  bool inflate_all(std::string_view encoded, const Sink& sink);
  [[nodiscard]] bool is_a_bomb() const {
    return decoded_ > kMaxDecoded || decoded_ > kAlwaysAllowed + kMaxRatio * encoded_;
  }

  z_stream stream_{};
  std::string head_;  // the first two bytes
  bool has_begun_ = false;
  bool has_failed_ = false;
  std::uint64_t encoded_ = 0;
  std::uint64_t decoded_ = 0;
};

bool ContentDecoder::Inflation::decode(std::string_view encoded, const Sink& sink) {
  if (has_failed_) return false;
  encoded_ += encoded.size();
  has_failed_ = !(has_begun_ || begin(encoded, sink)) || !inflate_all(encoded, sink);
  return !has_failed_;
}

// Takes the first two bytes away from `encoded`.
bool ContentDecoder::Inflation::begin(std::string_view& encoded, const Sink& sink) {
  const std::size_t missing = std::size_t{2} - head_.size();
  head_ += encoded.substr(0, missing);
  encoded.remove_prefix(std::min(missing, encoded.size()));
  if (head_.size() < 2) return true;
  const int bits =
      window_bits_for(static_cast<unsigned char>(head_[0]), static_cast<unsigned char>(head_[1]));
  has_begun_ = inflateInit2(&stream_, bits) == Z_OK;
  return has_begun_ && inflate_all(head_, sink);
}

bool ContentDecoder::Inflation::inflate_all(std::string_view encoded, const Sink& sink) {
  std::array<char, kPiece> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  // zlib takes its input as not const, and does not change it.
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(encoded.data()));
  stream_.avail_in = static_cast<uInt>(encoded.size());
  bool may_have_more = has_begun_ && !encoded.empty();
  while (may_have_more) {
    stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream_.avail_out = static_cast<uInt>(piece.size());
    const int result = inflate(&stream_, Z_SYNC_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return false;
    const std::size_t length = piece.size() - stream_.avail_out;
    decoded_ += length;
    if (is_a_bomb()) return false;
    if (length > 0) sink({piece.data(), length});
    // Another member may follow (RFC 1952 §2.2).
    if (result == Z_STREAM_END && inflateReset(&stream_) != Z_OK) return false;
    may_have_more = result != Z_BUF_ERROR && (stream_.avail_in > 0 || stream_.avail_out == 0);
  }
  return true;
}

bool ContentDecoder::can_decode(std::string_view content_encoding) {
  for (const std::string_view known : {"gzip", "x-gzip", "deflate"}) {
    if (base::equals_ignoring_case(base::trim(content_encoding), known)) return true;
  }
  return false;
}

ContentDecoder::ContentDecoder() : inflation_(std::make_unique<Inflation>()) {}
ContentDecoder::ContentDecoder(ContentDecoder&&) noexcept = default;
ContentDecoder& ContentDecoder::operator=(ContentDecoder&&) noexcept = default;
ContentDecoder::~ContentDecoder() = default;

bool ContentDecoder::decode(std::string_view encoded,
                            const std::function<void(std::string_view)>& sink) {
  return inflation_->decode(encoded, sink);
}

}  // namespace spillway::aoai
