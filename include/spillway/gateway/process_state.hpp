#pragma once
// What all workers share: bounds of the whole process, totals for /status (relaxed atomics: nobody
// decides on two of them together), and which backend knows which id.

#include <spillway/routing/affinity.hpp>

#include <atomic>
#include <cstdint>

namespace spillway::gateway {

struct ProcessState {
  std::atomic<std::uint64_t> client_connections{0};
  std::atomic<std::uint64_t> requests_in_flight{0};
  std::atomic<std::uint64_t> requests_total{0};
  std::atomic<std::uint64_t> replay_memory_bytes{0};
  // Handshakes of callers: done, of these resumed, and failed.
  std::atomic<std::uint64_t> tls_handshakes{0};
  std::atomic<std::uint64_t> tls_resumed{0};
  std::atomic<std::uint64_t> tls_failed{0};
  std::atomic<std::uint64_t> escaped_exceptions{0};
  std::atomic<bool> is_draining{false};
  routing::Affinity affinity;
};

}  // namespace spillway::gateway
