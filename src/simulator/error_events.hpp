#pragma once
// The ways in which a stream that began well says that it failed: the shapes of each dialect. Pure.

#include "simulator/fault.hpp"
#include "simulator/reply.hpp"

#include <cstddef>

namespace spillway::simulator {

/// The event that the fault `error_event` puts after `kept` events of the reply. `fault.body`:
/// `server_error` (also if empty), `too_many_requests`, or a literal. `fault.shape` (empty: what is
/// usual for dialect and body): `data`, `event`, `flat`, `nested`, `failed`.
StreamEvent error_event_of(const Fault& fault, const Reply& reply, std::size_t kept);

/// Whether `shape` is one of these.
bool is_error_shape(std::string_view shape);

}  // namespace spillway::simulator
