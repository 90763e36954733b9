#pragma once
// The limits as one table: what is configured, how far it is used, how often it was met. /status
// shows it. Pure.

#include <spillway/config/configuration.hpp>
#include <spillway/gateway/limit_counters.hpp>
#include <spillway/gateway/process_state.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace spillway::gateway {

struct LimitStatus {
  Limit limit = Limit::max_connections;
  std::uint64_t configured = 0;  // sizes in bytes, times in milliseconds; 0 may be "no limit"
  std::optional<std::uint64_t> current;  // where something is held at a time
  std::uint64_t hits = 0;                // since the start of the process
};

/// One of each limit, in the order of Limit.
std::vector<LimitStatus> report_limits(const config::Limits& limits, const ProcessState& process);

}  // namespace spillway::gateway
