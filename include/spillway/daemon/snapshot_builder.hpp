#pragma once
// From a checked configuration to what requests run on: targets with their TLS, credential sources,
// pools over the shared breakers.

#include <spillway/base/clock.hpp>
#include <spillway/base/result.hpp>
#include <spillway/gateway/snapshot.hpp>
#include <spillway/net/resolver.hpp>
#include <spillway/routing/backend_state.hpp>
#include <spillway/upstream/proxy.hpp>

#include <memory>
#include <vector>

namespace spillway::daemon {

/// What snapshots share and outlives them.
struct SnapshotSurroundings {
  routing::BackendStates& states;
  net::Resolver& resolver;
  const base::Clock& clock = base::system_clock();  // says when tokens have expired
  upstream::ProxyRules proxies = {};                // for https backends; copied
  /// What the new one replaces: connections, tokens, keys and counts of what stays the same are
  /// kept. Null at the start.
  const gateway::Snapshot* previous = nullptr;
};

/// Fails on files that cannot be used (a backend's ca_file). Names to resolve are handed to
/// the resolver; an unknown name is no error: that backend is out until it resolves.
base::Result<std::shared_ptr<const gateway::Snapshot>> build_snapshot(
    config::Configuration configuration, const SnapshotSurroundings& surroundings);

/// The credentials that backends use and that need tokens, those of one identity together.
std::vector<std::vector<const config::Credential*>> identities_of(
    const gateway::Snapshot& snapshot);

}  // namespace spillway::daemon
