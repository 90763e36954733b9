#include <spillway/gateway/memory_pressure.hpp>

namespace spillway::gateway {
namespace {

constexpr std::uint64_t kCloseIdle = 85;  // percent of the ceiling (limits-and-security §4.1)
constexpr std::uint64_t kShed = 90;
constexpr std::uint64_t kRelief = 3;

}  // namespace

std::string_view name_of(MemoryPressure pressure) {
  switch (pressure) {
    case MemoryPressure::none:
      return "none";
    case MemoryPressure::close_idle:
      return "close_idle";
    case MemoryPressure::shed:
      return "shed";
  }
  return "unknown";
}

MemoryPressure next_pressure(MemoryPressure now, std::uint64_t in_use, std::uint64_t ceiling) {
  if (ceiling == 0) return MemoryPressure::none;
  const std::uint64_t percent = in_use / (ceiling / 100 + 1);
  const bool was_shedding = now == MemoryPressure::shed;
  if (percent >= (was_shedding ? kShed - kRelief : kShed)) return MemoryPressure::shed;
  const bool was_closing = now != MemoryPressure::none;
  if (percent >= (was_closing ? kCloseIdle - kRelief : kCloseIdle)) {
    return MemoryPressure::close_idle;
  }
  return MemoryPressure::none;
}

}  // namespace spillway::gateway
