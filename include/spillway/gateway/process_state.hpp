#pragma once
// What all workers share: bounds of the whole process, totals for /status (relaxed atomics: nobody
// decides on two of them together), and which backend knows which id.

#include <spillway/base/split_sum.hpp>
#include <spillway/gateway/address_counts.hpp>
#include <spillway/gateway/limit_counters.hpp>
#include <spillway/gateway/memory_pressure.hpp>
#include <spillway/gateway/place.hpp>
#include <spillway/routing/affinity.hpp>

#include <atomic>
#include <cstdint>

namespace spillway::gateway {

struct ProcessState {
  std::atomic<std::uint64_t> client_connections{0};  // by Place: limits.max_connections
  std::atomic<std::uint64_t> handshakes{0};          // by Place: limits.max_handshakes
  base::SplitSum requests_in_flight;
  std::atomic<std::uint64_t> requests_admitted{0};  // by Place, of those: limits.max_requests
  base::SplitSum requests_total;
  std::atomic<std::uint64_t> replay_memory_bytes{0};
  // Handshakes of callers: done, of these resumed, and failed.
  std::atomic<std::uint64_t> tls_handshakes{0};
  std::atomic<std::uint64_t> tls_resumed{0};
  std::atomic<std::uint64_t> tls_failed{0};
  std::atomic<std::uint64_t> escaped_exceptions{0};
  std::atomic<bool> is_draining{false};
  AddressCounts addresses;
  LimitCounters limit_hits;
  // The control thread's, who asks the system.
  std::atomic<std::uint64_t> memory_in_use{0};   // bytes
  std::atomic<std::uint64_t> memory_ceiling{0};  // bytes; 0: none
  std::atomic<MemoryPressure> memory_pressure{MemoryPressure::none};
  std::atomic<std::uint64_t> descriptor_limit{0};                    // 0: not known
  std::atomic<std::uint64_t> connections_that_fit{Place::kNoBound};  // in these descriptors
  routing::Affinity affinity;
};

}  // namespace spillway::gateway
