#pragma once
// Time as Spillway uses it. Decisions take `now` as an argument; only I/O and the daemon read a
// clock.

#include <chrono>
#include <string>

namespace spillway::base {

using SteadyClock = std::chrono::steady_clock;
using SteadyTime = SteadyClock::time_point;
using WallTime = std::chrono::system_clock::time_point;
using Duration = std::chrono::nanoseconds;

/// `2026-11-23T09:20:00.123Z` (RFC 3339, UTC, milliseconds).
std::string format_rfc3339(WallTime time);

}  // namespace spillway::base
