#include <spillway/admin/status_report.hpp>
#include <spillway/telemetry/log.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <variant>

namespace spillway::admin {
namespace {

using base::SteadyTime;
using base::WallTime;
using Json = nlohmann::ordered_json;

/// Steady times as a person reads them, by the two clocks' readings of the same moment.
class Calendar {
 public:
  Calendar(SteadyTime steady, WallTime wall) : steady_(steady), wall_(wall) {}

  [[nodiscard]] Json show(const std::optional<SteadyTime>& time) const {
    if (!time) return nullptr;
    const auto offset = std::chrono::duration_cast<WallTime::duration>(*time - steady_);
    return base::format_rfc3339(wall_ + offset);
  }

 private:
  SteadyTime steady_;
  WallTime wall_;
};

Json deployment_json(const routing::DeploymentStatus& deployment, const Calendar& calendar) {
  const routing::BreakerView& breaker = deployment.breaker;
  Json json;
  json["name"] = deployment.name;
  json["state"] = routing::name_of(breaker.state);
  json["reason"] = routing::describe(breaker.trip);
  json["source"] = breaker.trip.source == routing::DelaySource::none
                       ? Json(nullptr)
                       : Json(routing::name_of(breaker.trip.source));
  json["since"] = calendar.show(breaker.since);
  json["until"] = calendar.show(breaker.until);
  json["in_flight"] = deployment.in_flight;
  return json;
}

Json member_json(const routing::PoolMember& member, const routing::BackendStatus* known,
                 const Calendar& calendar) {
  Json json;
  json["backend"] = member.configured->name;
  json["priority"] = member.priority;
  json["weight"] = member.weight;
  json["in_flight"] = known == nullptr ? 0U : known->in_flight;
  json["deployments"] = Json::array();
  if (known == nullptr) return json;
  for (const auto& deployment : known->deployments) {
    const bool is_news =
        deployment.breaker.state != routing::BreakerState::closed || deployment.in_flight > 0;
    if (deployment.name.empty() && !is_news) continue;  // calls that name no deployment
    json["deployments"].push_back(deployment_json(deployment, calendar));
  }
  return json;
}

Json pools_json(const StatusSources& sources, const Calendar& calendar, SteadyTime now) {
  std::map<std::string, routing::BackendStatus, std::less<>> known;
  for (auto& status : sources.states.snapshot(now))
    known.emplace(status.name, std::move(status));
  Json pools = Json::array();
  for (const auto& pool : sources.snapshot->routes->pools()) {
    Json json;
    json["name"] = pool->configured().name;
    json["members"] = Json::array();
    for (const auto& member : pool->members()) {
      const auto status = known.find(member.configured->name);
      const auto* found = status == known.end() ? nullptr : &status->second;
      json["members"].push_back(member_json(member, found, calendar));
    }
    pools.push_back(std::move(json));
  }
  return pools;
}

std::string_view kind_of(const config::CredentialKind& kind) {
  struct Names {
    std::string_view operator()(const config::EnvironmentIdentity&) const { return "environment"; }
    std::string_view operator()(const config::ManagedIdentity&) const { return "managed_identity"; }
    std::string_view operator()(const config::WorkloadIdentity&) const {
      return "workload_identity";
    }
    std::string_view operator()(const config::ClientSecret&) const { return "client_secret"; }
    std::string_view operator()(const config::ClientCertificate&) const {
      return "client_certificate";
    }
    std::string_view operator()(const config::ApiKey&) const { return "api_key"; }
    std::string_view operator()(const config::PassThrough&) const { return "pass_through"; }
  };
  return std::visit(Names(), kind);
}

std::string_view name_of(identity::CredentialStatus::State state) {
  using State = identity::CredentialStatus::State;
  switch (state) {
    case State::ok:
      return "ok";
    case State::refreshing:
      return "refreshing";
    case State::failing:
      return "failing";
  }
  return "unknown";
}

Json credentials_json(const gateway::Snapshot& snapshot, const Calendar& calendar) {
  Json credentials = Json::array();
  for (const auto& configured : snapshot.configuration.credentials) {
    const auto source = snapshot.credential_named(configured.name);
    if (!source) continue;  // no backend uses it
    const identity::CredentialStatus status = source->status();
    Json json;
    json["name"] = configured.name;
    json["kind"] = kind_of(configured.kind);
    json["source"] = status.source.empty() ? Json(nullptr) : Json(status.source);
    json["state"] = name_of(status.state);
    json["expires_at"] = calendar.show(status.expires_at);
    json["last_error"] = status.last_error.empty() ? Json(nullptr) : Json(status.last_error);
    credentials.push_back(std::move(json));
  }
  return credentials;
}

Json totals_json(const gateway::TokenTotals& totals) {
  const auto value = [](const std::atomic<std::uint64_t>& sum) {
    return sum.load(std::memory_order_relaxed);
  };
  Json json;
  json["answers"] = value(totals.answers);
  json["input_tokens"] = value(totals.input);
  json["output_tokens"] = value(totals.output);
  json["total_tokens"] = value(totals.total);
  json["cached_tokens"] = value(totals.cached);
  json["reasoning_tokens"] = value(totals.reasoning);
  return json;
}

Json clients_json(const gateway::Snapshot& snapshot) {
  Json clients = Json::array();
  for (const auto& totals : snapshot.clients) {
    Json json;
    json["name"] = totals->name;
    json["requests"] = totals->requests.load(std::memory_order_relaxed);
    json["tokens"] = totals->exact.total.load(std::memory_order_relaxed);
    json["usage"] = {{"exact", totals_json(totals->exact)},
                     {"estimated", totals_json(totals->estimated)}};
    clients.push_back(std::move(json));
  }
  return clients;
}

Json entra_json(const gateway::Snapshot& snapshot) {
  Json tenants = Json::array();
  for (const auto& status : snapshot.entra_keys->status()) {
    Json json;
    json["tenant"] = status.tenant;
    json["state"] = identity::name_of(status.state);
    json["keys"] = status.keys;
    json["fetched_at"] =
        status.fetched_at ? Json(base::format_rfc3339(*status.fetched_at)) : Json(nullptr);
    json["last_error"] = status.last_error.empty() ? Json(nullptr) : Json(status.last_error);
    tenants.push_back(std::move(json));
  }
  return tenants;
}

/// Nobody can come in while no key of Entra is known and tokens are the only way.
bool is_waiting_for_keys(const gateway::Snapshot& snapshot) {
  if (!snapshot.entra_keys || snapshot.configuration.anonymous) return false;
  const auto& clients = snapshot.configuration.clients;
  const bool has_key = std::any_of(clients.begin(), clients.end(),
                                   [](const auto& client) { return !client.keys.empty(); });
  const auto tenants = snapshot.entra_keys->status();
  return !has_key && std::all_of(tenants.begin(), tenants.end(),
                                 [](const auto& tenant) { return tenant.keys == 0; });
}

bool can_serve(const routing::Pool& pool, const gateway::Snapshot& snapshot, SteadyTime now) {
  const auto has_credential = [&](const routing::PoolMember& member) {
    const identity::CredentialSource& source = *snapshot.backends[member.backend].credential;
    return source.is_pass_through() || source.has_current();
  };
  const auto members = pool.members();
  return pool.has_usable_member(now) && std::any_of(members.begin(), members.end(), has_credential);
}

Json backends_json(const gateway::Snapshot& snapshot) {
  Json backends = Json::array();
  for (const gateway::BackendRuntime& backend : snapshot.backends) {
    const upstream::Target& target = *backend.target;
    Json json;
    json["name"] = target.name;
    json["connections"] = target.open_connections.load(std::memory_order_relaxed);
    json["tls_handshakes"] = target.tls_handshakes.load(std::memory_order_relaxed);
    json["tls_resumed"] = target.tls_resumed.load(std::memory_order_relaxed);
    backends.push_back(std::move(json));
  }
  return backends;
}

Json limits_json(const StatusSources& sources) {
  Json limits = Json::object();
  const config::Limits& configured = sources.snapshot->configuration.limits;
  for (const auto& status : gateway::report_limits(configured, sources.process)) {
    Json json;
    json["configured"] = status.configured;
    if (status.current) json["current"] = *status.current;
    json["hits"] = status.hits;
    limits[std::string(gateway::name_of(status.limit))] = std::move(json);
  }
  const auto pressure = sources.process.memory_pressure.load(std::memory_order_relaxed);
  limits["max_memory"]["pressure"] = gateway::name_of(pressure);
  return limits;
}

std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::vector<std::string> reasons_not_ready(const StatusSources& sources, SteadyTime now) {
  std::vector<std::string> reasons;
  if (sources.process.is_draining.load(std::memory_order_relaxed)) {
    reasons.emplace_back("draining");
    return reasons;
  }
  if (is_waiting_for_keys(*sources.snapshot)) {
    reasons.emplace_back("no key of entra.tenants is known (see /status: entra)");
    return reasons;
  }
  for (const auto& pool : sources.snapshot->routes->pools()) {
    if (can_serve(*pool, *sources.snapshot, now)) return {};
    reasons.push_back("pool " + pool->configured().name +
                      " has no usable member (see /status: breakers and credentials)");
  }
  return reasons;
}

std::string status_json(const StatusSources& sources, SteadyTime now, WallTime wall_now) {
  const Calendar calendar(now, wall_now);
  const gateway::Snapshot& snapshot = *sources.snapshot;
  Json json;
  json["version"] = sources.version;
  json["config"] = {
      {"digest", snapshot.configuration.digest},
      {"loaded_at", base::format_rfc3339(snapshot.loaded_at)},
      {"last_error",
       sources.last_config_error.empty() ? Json(nullptr) : Json(sources.last_config_error)}};
  json["pools"] = pools_json(sources, calendar, now);
  json["backends"] = backends_json(snapshot);
  const Calendar of_tokens(sources.clock.steady_now(), sources.clock.wall_now());
  json["credentials"] = credentials_json(snapshot, of_tokens);
  if (snapshot.entra_keys) json["entra"] = entra_json(snapshot);
  json["clients"] = clients_json(snapshot);
  json["limits"] = limits_json(sources);
  json["connections"] = sources.process.client_connections.load(std::memory_order_relaxed);
  json["tls"] = {{"handshakes", sources.process.tls_handshakes.load(std::memory_order_relaxed)},
                 {"resumed", sources.process.tls_resumed.load(std::memory_order_relaxed)},
                 {"failed", sources.process.tls_failed.load(std::memory_order_relaxed)}};
  json["requests"] = {{"total", sources.process.requests_total.load()},
                      {"in_flight", sources.process.requests_in_flight.load()}};
  json["log"] = {{"lines_lost", telemetry::log::lost_count()}};
  return text_of(json);
}

std::string readiness_json(const std::vector<std::string>& reasons) {
  Json json;
  json["status"] = reasons.empty() ? "ready" : "not_ready";
  json["reasons"] = reasons;
  return text_of(json);
}

}  // namespace spillway::admin
