#pragma once
// What one configuration means at run time, for all requests that began under it. Built by the
// control thread, then only read; what it points to (breakers, tokens, counts) is shared and
// thread-safe.

#include <spillway/base/time.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/http/limits.hpp>
#include <spillway/identity/authenticator.hpp>
#include <spillway/identity/credential_source.hpp>
#include <spillway/identity/entra_keys.hpp>
#include <spillway/routing/route_table.hpp>
#include <spillway/telemetry/access_record.hpp>
#include <spillway/upstream/target.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::gateway {

/// What a backend is to the gateway; same order as Configuration::backends.
struct BackendRuntime {
  std::shared_ptr<const upstream::Target> target;
  std::shared_ptr<identity::CredentialSource> credential;
};

/// A sum of token counts that all workers add to; see telemetry::TokenCounts.
struct TokenTotals {
  void add(const telemetry::TokenCounts& counts);

  std::atomic<std::uint64_t> answers{0};  // that were counted here
  std::atomic<std::uint64_t> input{0};
  std::atomic<std::uint64_t> output{0};
  std::atomic<std::uint64_t> total{0};
  std::atomic<std::uint64_t> cached{0};
  std::atomic<std::uint64_t> reasoning{0};
};

/// Totals of one client, kept across reloads by name.
struct ClientTotals {
  std::string name;
  std::atomic<std::uint64_t> requests{0};
  TokenTotals exact;      // as the answers said
  TokenTotals estimated;  // guesses for answers that did not
};

struct Snapshot {
  /// The totals of a client by name; "anonymous" for nobody. Never null for a configured client.
  [[nodiscard]] ClientTotals* totals_of(std::string_view client) const;
  /// Null if no backend uses that credential.
  [[nodiscard]] std::shared_ptr<identity::CredentialSource> credential_named(
      std::string_view credential) const;

  config::Configuration configuration;
  std::shared_ptr<identity::EntraKeys> entra_keys;  // null: no token is taken
  std::unique_ptr<identity::Authenticator> authenticator;
  std::unique_ptr<routing::RouteTable> routes;
  std::vector<BackendRuntime> backends;
  http::Limits request_limits;
  std::vector<std::shared_ptr<ClientTotals>> clients;
  base::WallTime loaded_at;
};

}  // namespace spillway::gateway
