#pragma once
// gzip and deflate (RFC 9110 §8.4.1) of an answer, flushed after every event so that a client can
// decode each as it comes. Pure.

#include "simulator/reply.hpp"

namespace spillway::simulator {

/// Codes the body or the events, and says so in Content-Encoding. Coding::identity: nothing.
void encode_content(Reply& reply);

}  // namespace spillway::simulator
