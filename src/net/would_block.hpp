#pragma once
// What a call on a socket that never blocks says when there is nothing to do yet.

#include <cerrno>

namespace spillway::net {

/// Of recv and send: later, or again at once (EINTR).
inline bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace spillway::net
