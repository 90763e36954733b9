#pragma once
// Chunked transfer coding, strict and bounded (RFC 9112 §7.1; limits-and-security §3): CRLF only, at
// most 15 hex digits, extensions and trailers counted, capped and dropped. No I/O: bytes in, body
// bytes out, in any split. Ours and not Beast's because Beast 345 bounds neither and merges trailers
// into the header (docs/toolchain-notes.md).

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
  base::Result<Progress> decode(std::span<char> input);

  [[nodiscard]] bool is_done() const;

 private:
  Limits limits_;
  base::Side side_;
  // The rest is the module's own.
};

}  // namespace spillway::http
