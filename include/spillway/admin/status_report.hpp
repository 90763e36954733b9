#pragma once
// What the admin port says of the gateway: ready or not and why, and the whole state as JSON
// (behaviour §10 names the keys). Reads shared state; holds and shows no secret.

#include <spillway/base/time.hpp>
#include <spillway/gateway/limit_report.hpp>
#include <spillway/gateway/process_state.hpp>
#include <spillway/gateway/snapshot.hpp>
#include <spillway/routing/backend_state.hpp>

#include <memory>
#include <string>
#include <vector>

namespace spillway::admin {

struct StatusSources {
  std::string version;
  std::shared_ptr<const gateway::Snapshot> snapshot;
  const routing::BackendStates& states;
  const gateway::ProcessState& process;
  std::string last_config_error;                    // of the last reload that failed; empty: none
  const base::Clock& clock = base::system_clock();  // by which tokens expire
};

/// Why no traffic can be served; empty: ready.
std::vector<std::string> reasons_not_ready(const StatusSources& sources, base::SteadyTime now);

/// The document of GET /status.
std::string status_json(const StatusSources& sources, base::SteadyTime now,
                        base::WallTime wall_now);

/// The document of GET /readyz.
std::string readiness_json(const std::vector<std::string>& reasons);

}  // namespace spillway::admin
