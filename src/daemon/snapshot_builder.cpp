#include <spillway/base/clock.hpp>
#include <spillway/daemon/listeners.hpp>
#include <spillway/daemon/snapshot_builder.hpp>
#include <spillway/identity/token_identity.hpp>
#include <spillway/identity/token_verifier.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>
#include <variant>

namespace spillway::daemon {
namespace {

using base::Result;
using identity::CredentialSource;

constexpr std::size_t kMostSizeBytes = 16;  // digits of a chunk's size

http::Limits limits_of(const config::Limits& configured) {
  http::Limits limits;
  limits.request_line_bytes = configured.max_request_line_bytes;
  limits.header_bytes = configured.max_header_bytes;
  limits.header_count = configured.max_headers;
  limits.field_value_bytes = configured.max_field_value_bytes;
  limits.chunk_extension_bytes = configured.max_chunk_extension_bytes;
  limits.chunk_overhead_line_bytes =
      std::max(limits.chunk_overhead_line_bytes, limits.chunk_extension_bytes + kMostSizeBytes);
  limits.trailer_bytes = configured.max_trailer_bytes;
  return limits;
}

Result<std::shared_ptr<const upstream::Target>> make_target(const config::Backend& backend,
                                                            const upstream::ProxyRules& proxies) {
  auto target = std::make_shared<upstream::Target>();
  const config::Url& url = backend.url;
  target->name = backend.name;
  target->host = url.host;
  target->port = url.port;
  target->authority = upstream::authority_of(url.host, url.port, url.is_tls ? 443 : 80);
  target->server_name = backend.tls.server_name.value_or(url.host);
  target->max_connections = backend.max_connections;
  if (url.is_tls) {
    auto tls =
        net::TlsContext::for_client({backend.tls.ca_file, tls_version(backend.tls.min_version)});
    if (!tls) {
      return base::Error(tls.error().fault(), tls.error().side(),
                         "backend " + backend.name + ": " + tls.error().detail());
    }
    target->tls = std::move(tls.value());
    target->proxy = proxies.find(url.host, url.port);
  }
  return std::shared_ptr<const upstream::Target>(std::move(target));
}

// The connections to a backend go with its target. A CA file may hold something else by now, so a
// backend that has one gets a new target.
std::shared_ptr<const upstream::Target> kept_target(const config::Backend& backend,
                                                    const SnapshotSurroundings& surroundings) {
  if (surroundings.previous == nullptr || backend.tls.ca_file) return nullptr;
  const auto& before = surroundings.previous->configuration.backends;
  const auto same = std::find_if(before.begin(), before.end(), [&](const config::Backend& one) {
    return one.name == backend.name && one.url == backend.url && one.tls == backend.tls &&
           one.max_connections == backend.max_connections;
  });
  if (same == before.end()) return nullptr;
  return surroundings.previous->backends[static_cast<std::size_t>(same - before.begin())].target;
}

bool needs_tokens(const config::Credential& credential) {
  return !std::holds_alternative<config::ApiKey>(credential.kind) &&
         !std::holds_alternative<config::PassThrough>(credential.kind);
}

// With its token.
std::shared_ptr<CredentialSource> kept_source(const config::Credential& credential,
                                              const SnapshotSurroundings& surroundings) {
  if (surroundings.previous == nullptr || !needs_tokens(credential)) return nullptr;
  const auto& before = surroundings.previous->configuration.credentials;
  const bool is_kept = std::any_of(before.begin(), before.end(), [&](const auto& one) {
    return one.name == credential.name && identity::is_same_identity(one, credential);
  });
  return is_kept ? surroundings.previous->credential_named(credential.name) : nullptr;
}

std::map<std::string, std::shared_ptr<CredentialSource>> make_credentials(
    const config::Configuration& configuration, const SnapshotSurroundings& surroundings) {
  std::map<std::string, std::shared_ptr<CredentialSource>> sources;
  for (const config::Credential& credential : configuration.credentials) {
    if (auto kept = kept_source(credential, surroundings)) {
      sources.emplace(credential.name, std::move(kept));
      continue;
    }
    auto source = std::make_shared<CredentialSource>(credential.name, surroundings.clock);
    if (const auto* api_key = std::get_if<config::ApiKey>(&credential.kind)) {
      source->set_api_key(api_key->key);
    }
    if (std::holds_alternative<config::PassThrough>(credential.kind)) source->set_pass_through();
    sources.emplace(credential.name, std::move(source));
  }
  return sources;
}

void add_client(gateway::Snapshot& snapshot, const std::string& name,
                const gateway::Snapshot* previous) {
  if (previous != nullptr) {
    const auto& before = previous->clients;
    const auto same = std::find_if(before.begin(), before.end(),
                                   [&](const auto& totals) { return totals->name == name; });
    if (same != before.end()) {
      snapshot.clients.push_back(*same);
      return;
    }
  }
  auto totals = std::make_shared<gateway::ClientTotals>();
  totals->name = name;
  snapshot.clients.push_back(std::move(totals));
}

// Keys are the tenants', whatever else of `entra` changed.
std::shared_ptr<identity::EntraKeys> make_keys(const config::Entra& entra,
                                               const gateway::Snapshot* previous) {
  const bool has_keys = previous != nullptr && previous->entra_keys;
  if (has_keys && previous->configuration.entra->tenants == entra.tenants &&
      previous->configuration.entra->authority_host == entra.authority_host) {
    return previous->entra_keys;
  }
  auto keys = std::make_shared<identity::EntraKeys>(entra);
  if (has_keys) keys->take_over(*previous->entra_keys);
  return keys;
}

std::unique_ptr<identity::Authenticator> make_authenticator(
    gateway::Snapshot& snapshot, const SnapshotSurroundings& surroundings) {
  const config::Configuration& configured = snapshot.configuration;
  std::shared_ptr<const identity::TokenVerifier> verifier;
  if (configured.entra) {
    snapshot.entra_keys = make_keys(*configured.entra, surroundings.previous);
    verifier = std::make_shared<identity::TokenVerifier>(*configured.entra, snapshot.entra_keys,
                                                         surroundings.clock);
  }
  return std::make_unique<identity::Authenticator>(configured, std::move(verifier));
}

}  // namespace

Result<std::shared_ptr<const gateway::Snapshot>> build_snapshot(
    config::Configuration configuration, const SnapshotSurroundings& surroundings) {
  auto snapshot = std::make_shared<gateway::Snapshot>();
  snapshot->configuration = std::move(configuration);
  const config::Configuration& configured = snapshot->configuration;
  const auto credentials = make_credentials(configured, surroundings);
  for (const config::Backend& backend : configured.backends) {
    std::shared_ptr<const upstream::Target> target = kept_target(backend, surroundings);
    if (!target) {
      auto made = make_target(backend, surroundings.proxies);
      if (!made) return made.error();
      target = std::move(made.value());
    }
    surroundings.resolver.watch(upstream::name_to_resolve(*target));
    snapshot->backends.push_back({std::move(target), credentials.at(backend.credential)});
  }
  for (const config::Client& client : configured.clients)
    add_client(*snapshot, client.name, surroundings.previous);
  if (configured.anonymous) add_client(*snapshot, "anonymous", surroundings.previous);
  snapshot->authenticator = make_authenticator(*snapshot, surroundings);
  snapshot->routes = std::make_unique<routing::RouteTable>(configured, surroundings.states);
  snapshot->request_limits = limits_of(configured.limits);
  snapshot->loaded_at = std::chrono::system_clock::now();
  return std::shared_ptr<const gateway::Snapshot>(std::move(snapshot));
}

std::vector<std::vector<const config::Credential*>> identities_of(
    const gateway::Snapshot& snapshot) {
  std::vector<std::vector<const config::Credential*>> identities;
  for (const config::Credential& credential : snapshot.configuration.credentials) {
    if (!needs_tokens(credential) || !snapshot.credential_named(credential.name)) continue;
    const auto known =
        std::find_if(identities.begin(), identities.end(), [&](const auto& identity) {
          return identity::is_same_identity(*identity.front(), credential);
        });
    if (known != identities.end()) {
      known->push_back(&credential);
    } else {
      identities.push_back({&credential});
    }
  }
  return identities;
}

}  // namespace spillway::daemon
