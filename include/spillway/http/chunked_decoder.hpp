#pragma once
// Chunked transfer coding, strict and bounded (RFC 9112 §7.1; limits-and-security §3): CRLF only,
// at most 15 hex digits, extensions and trailers counted, capped and dropped. No I/O: bytes in,
// body bytes out, in any split. Ours and not Beast's because Beast 345 bounds neither and merges
// trailers into the header (docs/toolchain-notes.md).

#include <spillway/base/result.hpp>
#include <spillway/http/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace spillway::http {

class ChunkedDecoder {
 public:
  ChunkedDecoder(const Limits& limits, base::Side side) : limits_(limits), side_(side) {}

  struct Progress {
    std::size_t consumed = 0;  // of the input
    std::size_t body = 0;      // body bytes, moved together to the front of the input
  };

  /// Decodes in place. Stops consuming at the end of the message; what follows is not touched.
  /// Fault::bad_request or upstream_malformed; after a failure every call fails.
  base::Result<Progress> decode(std::span<char> input);

  [[nodiscard]] bool is_done() const { return state_ == State::done; }
  /// After a failure: the bound that was passed, if it was that.
  [[nodiscard]] Bound passed() const { return passed_; }
  /// Body bytes of the chunk begun that have not come yet; 0 between chunks.
  [[nodiscard]] std::uint64_t chunk_bytes_left() const {
    return state_ == State::chunk_bytes ? left_ : 0;
  }

 private:
  enum class State : std::uint8_t {
    size,         // hex digits
    size_blank,   // blanks before a semicolon
    extension,    // up to CR
    size_lf,      // LF of the size line
    chunk_bytes,  // the body
    chunk_cr,     // CRLF behind a chunk
    chunk_lf,
    line_start,  // of a trailer field or the blank line
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
    done,
    failed,
  };

  State next_state(char c);
  State in_size_line(char c);
  State in_extension(char c);
  State in_trailer(char c);
  State fail(const char* rule, Bound passed = Bound::none);

  Limits limits_;
  base::Side side_;
  State state_ = State::size;
  std::uint64_t left_ = 0;      // the size being read, then the chunk's bytes still to come
  unsigned digits_ = 0;         // of the size being read
  std::size_t line_bytes_ = 0;  // of this size line
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  const char* broken_rule_ = "";  // with State::failed
  Bound passed_ = Bound::none;    // the same
};

}  // namespace spillway::http
