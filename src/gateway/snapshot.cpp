#include <spillway/gateway/snapshot.hpp>

#include <algorithm>

namespace spillway::gateway {

ClientTotals* Snapshot::totals_of(std::string_view client) const {
  const auto found = std::find_if(clients.begin(), clients.end(),
                                  [&](const auto& totals) { return totals->name == client; });
  return found == clients.end() ? nullptr : found->get();
}

std::shared_ptr<identity::CredentialSource> Snapshot::credential_named(
    std::string_view credential) const {
  const auto found = std::find_if(
      backends.begin(), backends.end(),
      [&](const BackendRuntime& backend) { return backend.credential->name() == credential; });
  return found == backends.end() ? nullptr : found->credential;
}

}  // namespace spillway::gateway
