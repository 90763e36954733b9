#pragma once
// How much memory this process holds, and how much it may: read from the system. Linux only; what
// cannot be read is not limited.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace spillway::daemon {

/// A file's text, or nothing if it cannot be read.
using ReadFile = std::function<std::optional<std::string>(const std::string& file)>;
ReadFile system_files();

/// Resident memory in bytes (/proc/self/statm).
std::optional<std::uint64_t> resident_memory(const ReadFile& read);

/// The least memory limit of the process's control group and those above it, in version 2 or 1, in
/// bytes. Nothing if there is none.
std::optional<std::uint64_t> memory_limit_of_group(const ReadFile& read);

/// The ceiling that shedding goes by: what is configured, else 80 % of the group's limit; 0: none.
std::uint64_t memory_ceiling(const std::optional<std::uint64_t>& configured,
                             const std::optional<std::uint64_t>& of_group);

}  // namespace spillway::daemon
