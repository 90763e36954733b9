#pragma once
// What a use of memory means, given the ceiling. Pure; the control thread asks once a second.

#include <cstdint>
#include <string_view>

namespace spillway::gateway {

enum class MemoryPressure : std::uint8_t {
  none,
  close_idle,  // from 85 % of the ceiling: idle connections of callers are closed
  shed,        // from 90 %: besides, new requests are refused
};

std::string_view name_of(MemoryPressure pressure);

/// What follows on `now` with so many bytes in use. A step back needs three percent more than the
/// step forward, so that it does not flap. `ceiling` 0: never any pressure.
MemoryPressure next_pressure(MemoryPressure now, std::uint64_t in_use, std::uint64_t ceiling);

}  // namespace spillway::gateway
