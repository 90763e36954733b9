#pragma once
// What a process holds, from /proc.

#include <cstdint>

namespace spillway::bench {

struct ProcessFigures {
  std::uint64_t rss_kib = 0;
  std::uint64_t descriptors = 0;
  std::uint64_t cpu_ms = 0;  // user and system, since its start
};

/// All 0 if there is no such process or it is not ours to look at.
ProcessFigures read_process_figures(int pid);

}  // namespace spillway::bench
