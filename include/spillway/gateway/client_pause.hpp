#pragma once
// A short wait between two tries on the same backend, while the client is watched. The only sleep
// of the gateway, for the two cases in which nobody else can help: a token that is being renewed,
// and an owner that does not know yet what it made (behaviour §2.4, §3).

#include <spillway/gateway/request_context.hpp>

namespace spillway::gateway {

/// False if the client went away meanwhile. As exact as the worker's wheel.
net::Task<bool> pause_for(RequestContext& context, base::Duration duration);

}  // namespace spillway::gateway
