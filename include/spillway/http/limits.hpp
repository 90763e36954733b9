#pragma once
// Bounds of one HTTP/1.1 message. A reader never holds more than these.

#include <cstddef>
#include <cstdint>

namespace spillway::http {

/// Which of the bounds a refused message passed; for counting.
enum class Bound : std::uint8_t {
  none,  // refused for something else
  request_line,
  header_bytes,
  header_count,
  field_value,
  chunk_extensions,  // the chunk's size line as well
  trailers,
};

struct Limits {
  std::size_t request_line_bytes = 8U << 10U;
  std::size_t header_bytes = 32U << 10U;  // start line included; at most 60 KiB (Beast 345)
  std::size_t header_count = 100;
  std::size_t field_value_bytes = 16U << 10U;
  /// Chunk size lines, extensions and trailers of one message, together.
  std::size_t chunk_overhead_line_bytes = 4U << 10U;  // one chunk line
  std::size_t chunk_extension_bytes = 4U << 10U;      // all extensions of a message
  std::size_t trailer_bytes = 8U << 10U;
  unsigned interim_responses = 8;  // 1xx before the final answer
};

/// What is asked of backends: 64 KiB would be more than Beast takes; 200 fields.
Limits response_limits();

}  // namespace spillway::http
