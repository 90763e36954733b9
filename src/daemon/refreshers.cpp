#include <spillway/daemon/refreshers.hpp>
#include <spillway/daemon/snapshot_builder.hpp>
#include <spillway/identity/token_identity.hpp>

#include <algorithm>

namespace spillway::daemon {
namespace {

// The coroutine owns its refresher, which may be out of use before it notices.
template <class Refresher>
net::Task<void> run(std::shared_ptr<Refresher> refresher) {
  co_await refresher->run();
}

}  // namespace

Refreshers::Refreshers(net::TaskGroup& tasks, identity::FetchSurroundings surroundings,
                       OnEvent on_event)
    : tasks_(tasks), surroundings_(std::move(surroundings)), on_event_(std::move(on_event)) {}

void Refreshers::follow(const gateway::Snapshot& snapshot) {
  follow_credentials(snapshot);
  follow_tenants(snapshot);
}

std::shared_ptr<identity::TokenRefresher> Refreshers::find(
    const config::Credential& credential) const {
  const auto found =
      std::find_if(token_refreshers_.begin(), token_refreshers_.end(), [&](const auto& refresher) {
        return identity::is_same_identity(refresher->credential(), credential);
      });
  return found == token_refreshers_.end() ? nullptr : *found;
}

// One for each identity, however many credentials are it: one token, one request in flight.
void Refreshers::follow_credentials(const gateway::Snapshot& snapshot) {
  TokenRefreshers next;
  for (const auto& same : identities_of(snapshot)) {
    identity::TokenRefresher::Sources sources;
    for (const config::Credential* credential : same)
      sources.push_back(snapshot.credential_named(credential->name));
    auto refresher = find(*same.front());
    if (refresher) {
      refresher->serve(std::move(sources));
    } else {
      refresher = std::make_shared<identity::TokenRefresher>(surroundings_, *same.front(),
                                                             std::move(sources), on_event_);
      tasks_.spawn(run(refresher));
    }
    next.push_back(std::move(refresher));
  }
  for (const auto& refresher : token_refreshers_) {
    if (std::find(next.begin(), next.end(), refresher) == next.end()) refresher->stop();
  }
  token_refreshers_ = std::move(next);
}

void Refreshers::follow_tenants(const gateway::Snapshot& snapshot) {
  if (snapshot.entra_keys == keys_) return;
  for (const auto& refresher : key_refreshers_)
    refresher->stop();
  key_refreshers_.clear();
  keys_ = snapshot.entra_keys;
  for (std::size_t tenant = 0; keys_ && tenant < keys_->tenant_count(); ++tenant) {
    key_refreshers_.push_back(
        std::make_shared<identity::KeyRefresher>(surroundings_, keys_, tenant, on_event_));
    tasks_.spawn(run(key_refreshers_.back()));
  }
}

}  // namespace spillway::daemon
