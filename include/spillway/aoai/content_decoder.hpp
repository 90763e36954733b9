#pragma once
// Undoes gzip and deflate (RFC 9110 §8.4.1) for reading on the side; what the caller gets is the
// bytes as they came. `br` and `zstd` are not undone: such an answer is passed on unread, its usage
// unknown (backends are asked for identity, and Azure has not been seen to compress).

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace spillway::aoai {

class ContentDecoder {
 public:
  /// An answer that decodes to more than this, or to more than kMaxRatio times itself, is a bomb.
  static constexpr std::uint64_t kMaxDecoded = std::uint64_t{64} << 20U;
  static constexpr std::uint64_t kMaxRatio = 200;

  /// Whether this class can undo the value of a Content-Encoding: gzip, x-gzip or deflate, alone.
  static bool can_decode(std::string_view content_encoding);

  ContentDecoder();
  ContentDecoder(ContentDecoder&&) noexcept;
  ContentDecoder& operator=(ContentDecoder&&) noexcept;
  ~ContentDecoder();

  /// The next encoded bytes; calls `sink` with the decoded ones, at most 16 KiB at a time. gzip,
  /// zlib and raw deflate are told apart by their first bytes. False: malformed or a bomb; nothing
  /// more comes out, now and later.
  bool decode(std::string_view encoded, const std::function<void(std::string_view)>& sink);

 private:
  class Inflation;
  std::unique_ptr<Inflation> inflation_;
};

}  // namespace spillway::aoai
