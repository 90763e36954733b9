#pragma once
// What a gateway owes to the other hops of a request (RFC 9110 §7.6.2, §7.6.3, §9.3.7): Via,
// loops, Max-Forwards, and OPTIONS that asks the gateway itself. Pure.

#include <spillway/gateway/reply.hpp>
#include <spillway/http/message.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace spillway::gateway {

/// Our name in Via. One for all instances: it tells nothing of the network behind.
inline constexpr std::string_view kPseudonym = "spillway";

/// What came in Via, and this hop behind it: `1.1 edge, 1.1 spillway`.
std::string via_for_backend(const http::RequestHead& head);

/// 508 spillway_loop if the request has passed a gateway of this name twice already. One gateway in
/// front of another is fine, and common.
std::optional<Reply> refusal_of_loop(const http::RequestHead& head);

/// Whether the gateway answers itself: `OPTIONS *`, and OPTIONS that may go no further.
bool is_for_gateway(const http::RequestHead& head);

/// The Max-Forwards to send on; only OPTIONS has one that counts (and TRACE, which is not served).
std::optional<std::uint64_t> forwards_left(const http::RequestHead& head);

}  // namespace spillway::gateway
