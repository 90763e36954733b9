#pragma once
// Every bound that a caller can run into, by the name an operator knows it by, and how often each
// was met. Written by all workers, read by /status; relaxed atomics, nobody decides on them.

#include <spillway/http/limits.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace spillway::gateway {

/// In the order of docs/limits.md.
enum class Limit : std::uint8_t {
  max_connections,
  max_connections_per_address,
  max_handshakes,
  max_requests,
  max_requests_per_connection,
  max_connection_age,
  max_request_line_bytes,
  max_header_bytes,
  max_headers,
  max_field_value_bytes,
  max_chunk_extension_bytes,
  max_trailer_bytes,
  max_request_body,
  max_upload_body,
  replay_memory,
  handshake_timeout,
  header_timeout,
  body_timeout,
  max_body_time,
  min_body_rate,
  idle_timeout,
  write_timeout,
  min_write_rate,
  max_memory,
  descriptors,  // not configured: what the system lets the process have
};
inline constexpr std::size_t kLimits = static_cast<std::size_t>(Limit::descriptors) + 1;

/// As it is written under `limits`.
std::string_view name_of(Limit limit);

/// The limit behind a bound of the message reader; nothing for Bound::none.
std::optional<Limit> limit_of(http::Bound bound);

class LimitCounters {
 public:
  void count(Limit limit) { hits_[index(limit)].fetch_add(1, std::memory_order_relaxed); }
  void count(http::Bound bound);
  [[nodiscard]] std::uint64_t hits(Limit limit) const {
    return hits_[index(limit)].load(std::memory_order_relaxed);
  }

 private:
  static std::size_t index(Limit limit) { return static_cast<std::size_t>(limit); }

  std::array<std::atomic<std::uint64_t>, kLimits> hits_{};
};

}  // namespace spillway::gateway
