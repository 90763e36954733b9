#include <spillway/gateway/snapshot.hpp>

#include <algorithm>

namespace spillway::gateway {

ClientTotals* Snapshot::totals_of(std::string_view client) const {
  const auto found = std::find_if(clients.begin(), clients.end(),
                                  [&](const auto& totals) { return totals->name == client; });
  return found == clients.end() ? nullptr : found->get();
}

}  // namespace spillway::gateway
