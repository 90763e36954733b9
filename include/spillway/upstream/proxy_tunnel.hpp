#pragma once
// The way through an HTTP proxy: CONNECT on a stream to it, and from its 2xx on the stream is one
// to the target (RFC 9110 §9.3.6).

#include <spillway/base/result.hpp>
#include <spillway/net/stream.hpp>
#include <spillway/net/task.hpp>
#include <spillway/upstream/proxy.hpp>

#include <string>

namespace spillway::upstream {

/// `authority`: host and port of the target, as `host:443`. Ends early when the stream is closed.
/// Errors: always connect_failed, for nothing has reached the target; naming the proxy and what it
/// answered, and nothing of its password.
net::Task<base::Result<void>> open_tunnel(net::Stream& stream, const Proxy& proxy,
                                          const std::string& authority);

}  // namespace spillway::upstream
