#pragma once
// How many files (and so connections) this process may have open, and whether that is enough.

#include <cstdint>
#include <optional>
#include <string>

namespace spillway::daemon {

/// Raises the limit of open files as far as the system lets us; what it is then. 0: not known.
std::uint64_t raise_descriptor_limit();
/// As it is. 0: not known.
std::uint64_t descriptor_limit();

/// Has the system make room for the descriptors of so many connections, now. To be called while
/// there is one thread: when a process of several grows its table of descriptors (Linux: at 64,
/// 128, 256, ... of them), who opens one is held until all processors have passed a quiet point,
/// 10 to 15 ms in which an event loop serves nobody. What cannot be had is left to grow later.
void reserve_descriptors(std::uint64_t max_connections);

/// How many connections of callers fit in so many descriptors, if each may need one to a backend
/// and the rest of the process its share; at least 16. `limit` 0: any number.
std::uint64_t connections_that_fit(std::uint64_t limit);

/// What to tell the operator if so many connections do not fit: both numbers and the way out.
std::optional<std::string> descriptor_warning(std::uint64_t limit, std::uint64_t max_connections);

}  // namespace spillway::daemon
