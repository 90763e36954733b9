// GatewayProcess: what runs short of the system's memory and descriptors, looked at once a second.

#include <spillway/base/free_memory.hpp>
#include <spillway/daemon/descriptors.hpp>
#include <spillway/daemon/gateway_process.hpp>
#include <spillway/daemon/memory_usage.hpp>

#include <chrono>
#include <exception>
#include <string>

namespace spillway::daemon {

using gateway::MemoryPressure;
using telemetry::LogLevel;

namespace {

constexpr auto kLookAtMemory = std::chrono::seconds(1);

}  // namespace

void GatewayProcess::judge_descriptors(const config::Limits& limits) {
  const std::uint64_t limit = descriptor_limit();
  process_.descriptor_limit.store(limit, std::memory_order_relaxed);
  process_.connections_that_fit.store(connections_that_fit(limit), std::memory_order_relaxed);
  if (const auto warning = descriptor_warning(limit, limits.max_connections)) {
    tell(LogLevel::warning, "descriptors_short", {{"what", *warning}});
  }
}

net::Task<void> GatewayProcess::watch_memory() {
  const auto of_group = memory_limit_of_group(system_files());
  for (;;) {
    try {
      judge_memory(memory_ceiling(snapshot_->configuration.limits.max_memory, of_group));
    } catch (const std::exception&) {
      // Without memory even to say so; the next look comes when it matters most.
      process_.limit_hits.count(gateway::Limit::max_memory);
    }
    co_await pause(kLookAtMemory);
  }
}

void GatewayProcess::judge_memory(std::uint64_t ceiling) {
  const auto in_use =
      hooks_.memory_in_use ? hooks_.memory_in_use() : resident_memory(system_files());
  process_.memory_ceiling.store(ceiling, std::memory_order_relaxed);
  process_.memory_in_use.store(in_use.value_or(0), std::memory_order_relaxed);
  const MemoryPressure before = process_.memory_pressure.load(std::memory_order_relaxed);
  const MemoryPressure now = gateway::next_pressure(before, in_use.value_or(0), ceiling);
  process_.memory_pressure.store(now, std::memory_order_relaxed);
  if (now != before) {
    tell(now == MemoryPressure::none ? LogLevel::info : LogLevel::warning, "memory_pressure",
         {{"from", std::string(gateway::name_of(before))},
          {"to", std::string(gateway::name_of(now))},
          {"in_use_bytes", std::to_string(in_use.value_or(0))},
          {"ceiling_bytes", std::to_string(ceiling)}});
  }
  base::keep_free_memory(now == MemoryPressure::none);
  if (now == MemoryPressure::none) return;
  for (const auto& worker : workers_)
    worker->close_idle();
  base::give_free_memory_back();
}

}  // namespace spillway::daemon
