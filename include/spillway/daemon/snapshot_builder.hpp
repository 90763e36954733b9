#pragma once
// From a checked configuration to what requests run on: targets with their TLS, credential sources,
// pools over the shared breakers.

#include <spillway/base/result.hpp>
#include <spillway/gateway/snapshot.hpp>
#include <spillway/net/resolver.hpp>
#include <spillway/routing/backend_state.hpp>

#include <memory>

namespace spillway::daemon {

/// Fails on files that cannot be used (a backend's ca_file). Names to resolve are handed to
/// `resolver`; an unknown name is no error: that backend is out until it resolves.
base::Result<std::shared_ptr<const gateway::Snapshot>> build_snapshot(
    config::Configuration configuration, routing::BackendStates& states, net::Resolver& resolver);

}  // namespace spillway::daemon
