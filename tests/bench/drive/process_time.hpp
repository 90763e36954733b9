#pragma once
// What processes have used so far, to the nanosecond and the page.

#include <cstdint>
#include <vector>

namespace spillway::bench {

/// The time on a core of all threads: /proc/PID/task/*/schedstat. (What stat says counts in ticks.)
std::uint64_t cpu_ns_of(const std::vector<int>& processes);

std::uint64_t rss_kib_of(const std::vector<int>& processes);

}  // namespace spillway::bench
