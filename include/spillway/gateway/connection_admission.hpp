#pragma once
// Whether one more client connection fits: the bounds of the whole process, before a byte is read.
// And how somebody is told that it does not.

#include <spillway/base/descriptor.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/gateway/client_connection.hpp>
#include <spillway/gateway/limit_counters.hpp>
#include <spillway/gateway/process_state.hpp>
#include <spillway/gateway/worker_state.hpp>
#include <spillway/net/task.hpp>

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string_view>
#include <variant>

namespace spillway::gateway {

enum class Security : std::uint8_t { plain, tls };

/// The places for a connection from there, or the limit that forbids it, which is counted. Any
/// thread; `process` outlives the places.
std::variant<ConnectionPlaces, Limit> admit_connection(ProcessState& process,
                                                       const config::Limits& limits,
                                                       const boost::asio::ip::address& peer,
                                                       Security security);

/// The 503 of a connection that found no place: spillway_overloaded, Retry-After, close.
std::string_view no_place_answer();

/// Whether tell_no_place() may be begun: it holds a descriptor for a moment, so only a few run.
bool can_tell(const WorkerState& worker);

/// Over plain HTTP: sends the answer above without waiting for room, gives it a second to arrive,
/// and ends.
net::Task<void> tell_no_place(WorkerState& worker, base::Descriptor socket);

}  // namespace spillway::gateway
