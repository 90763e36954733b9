#include <spillway/gateway/snapshot.hpp>

#include <algorithm>

namespace spillway::gateway {

void TokenTotals::add(const telemetry::TokenCounts& counts) {
  const auto add_to = [](std::atomic<std::uint64_t>& sum, std::uint64_t more) {
    if (more != 0) sum.fetch_add(more, std::memory_order_relaxed);
  };
  add_to(answers, 1);
  add_to(input, counts.input);
  add_to(output, counts.output);
  add_to(total, counts.total);
  add_to(cached, counts.cached);
  add_to(reasoning, counts.reasoning);
}

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
