#pragma once
// The rest of what a peer sends to a connection that is about to be closed.

#include <spillway/net/stream.hpp>

#include <cstddef>

namespace spillway::net {

/// Reads and forgets, until the peer ends or so many bytes have come: unread bytes would make a
/// reset of the close, and lose the peer its last answer (RFC 9112 §9.6). The caller bounds the
/// time. Ends when the stream fails or is closed.
Task<void> drop_input(Stream& stream, std::size_t most);

}  // namespace spillway::net
