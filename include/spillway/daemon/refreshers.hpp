#pragma once
// Who keeps tokens and keys fresh for the snapshot in force: one refresher for each identity and
// for each tenant, kept over reloads, so that a reload costs no token request. The control thread.

#include <spillway/gateway/snapshot.hpp>
#include <spillway/identity/key_refresher.hpp>
#include <spillway/identity/token_refresher.hpp>
#include <spillway/net/task_group.hpp>
#include <spillway/telemetry/log_line.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::daemon {

class Refreshers {
 public:
  using OnEvent = identity::TokenRefresher::OnEvent;

  /// `tasks` outlives this.
  Refreshers(net::TaskGroup& tasks, identity::FetchSurroundings surroundings, OnEvent on_event);

  /// Those that this snapshot needs go on or start, the others end.
  void follow(const gateway::Snapshot& snapshot);

 private:
  using TokenRefreshers = std::vector<std::shared_ptr<identity::TokenRefresher>>;

  void follow_credentials(const gateway::Snapshot& snapshot);
  void follow_tenants(const gateway::Snapshot& snapshot);
  std::shared_ptr<identity::TokenRefresher> find(const config::Credential& credential) const;

  net::TaskGroup& tasks_;
  identity::FetchSurroundings surroundings_;
  OnEvent on_event_;
  TokenRefreshers token_refreshers_;
  std::shared_ptr<identity::EntraKeys> keys_;  // that key_refreshers_ refresh
  std::vector<std::shared_ptr<identity::KeyRefresher>> key_refreshers_;
};

}  // namespace spillway::daemon
