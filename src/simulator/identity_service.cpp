#include "simulator/identity_service.hpp"

#include "simulator/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace spillway::simulator {
namespace {

using nlohmann::json;

constexpr std::string_view kSystemIdentity = "22222222-2222-4222-8222-222222222222";
constexpr std::string_view kTenantOfMachine = "33333333-3333-4333-8333-333333333333";

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

Reply entra_error(unsigned status, const char* error, int code, const std::string& what) {
  constexpr std::string_view kTrace = "aaaaaaaa-0000-4000-8000-000000000001";
  constexpr std::string_view kCorrelation = "bbbbbbbb-0000-4000-8000-000000000002";
  constexpr std::string_view kTime = "2026-11-23 09:20:00Z";
  const auto number = std::to_string(code);
  const auto text = "AADSTS" + number + ": " + what + " Trace ID: " + std::string(kTrace) +
                    " Correlation ID: " + std::string(kCorrelation) +
                    " Timestamp: " + std::string(kTime);
  const nlohmann::ordered_json body{
      {"error", error},
      {"error_description", text},
      {"error_codes", nlohmann::ordered_json::array({code})},
      {"timestamp", kTime},
      {"trace_id", kTrace},
      {"correlation_id", kCorrelation},
      {"error_uri", "https://login.microsoftonline.com/error?code=" + number}};
  return json_reply(status,
                    body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

Reply metadata_error(const char* error, const char* what) {
  return json_reply(400, dump({{"error", error}, {"error_description", what}}));
}

/// `/{tenant}` in front of one of the paths of an authority; nothing if the path is none of them.
struct AuthorityPath {
  std::string tenant;
  std::string_view rest;
};

AuthorityPath split_tenant(std::string_view path) {
  const auto slash = path.find('/', 1);
  if (path.empty() || slash == std::string_view::npos) return {"", path};
  return {std::string(path.substr(1, slash - 1)), path.substr(slash)};
}

std::string without_default(std::string scope) {
  constexpr std::string_view kSuffix = "/.default";
  if (scope.ends_with(kSuffix)) scope.resize(scope.size() - kSuffix.size());
  return scope;
}

}  // namespace

IdentityService::IdentityService(Identity identity, Issuer& issuer)
    : identity_(std::move(identity)), issuer_(issuer) {}

boost::asio::awaitable<Reply> IdentityService::answer(const Request& request) {
  co_return decide(request);
}

Reply IdentityService::decide(const Request& request) {
  auto path = request.path();
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path == "/metadata/identity/oauth2/token") return metadata_token(request);
  const auto [tenant, rest] = split_tenant(path);
  if (request.method == "POST" && rest == "/oauth2/v2.0/token") {
    return entra_token(request, tenant);
  }
  const bool is_read = request.method == "GET" || request.method == "HEAD";
  const bool is_discovery = rest == "/v2.0/.well-known/openid-configuration" ||
                            rest == "/.well-known/openid-configuration";
  if (is_read && is_discovery) return json_reply(200, issuer_.discovery(tenant));
  if (is_read && (rest == "/discovery/v2.0/keys" || rest == "/discovery/keys")) {
    return json_reply(200, issuer_.key_set(tenant));
  }
  return error_reply("resource_not_found");
}

Reply IdentityService::entra_token(const Request& request, const std::string& tenant) {
  const auto value = [&request](std::string_view name) {
    return form_value(request.body, name).value_or("");
  };
  const auto client_id = value("client_id");
  if (!is_known_tenant(tenant)) {
    return entra_error(400, "invalid_request", 90002, "Tenant '" + tenant + "' not found.");
  }
  if (value("grant_type") != "client_credentials") {
    return entra_error(400, "unsupported_grant_type", 70003,
                       "The app requested an unsupported grant type.");
  }
  if (!is_known_app(client_id)) {
    return entra_error(400, "unauthorized_client", 700016,
                       "Application with identifier '" + client_id +
                           "' was not found in the directory '" + tenant + "'.");
  }
  const auto refused = refuse_app(client_id, value("client_secret"));
  if (value("client_assertion").empty() && refused.status != 200) return refused;
  const auto scope = value("scope");
  if (!scope.ends_with("/.default")) {
    return entra_error(400, "invalid_scope", 70011,
                       "The provided request must include a 'scope' input parameter. The provided "
                       "value for the input parameter 'scope' is not valid.");
  }
  TokenRequest wanted;
  wanted.tenant = tenant;
  wanted.client_id = client_id;
  wanted.audience = without_default(scope);
  wanted.lifetime = identity_.token_lifetime;
  const auto seconds = identity_.token_lifetime.count();
  const nlohmann::ordered_json body{
      {"token_type", "Bearer"},
      {"expires_in", seconds},
      {"ext_expires_in", seconds},
      {"access_token", issuer_.issue(wanted, std::chrono::system_clock::now())}};
  return json_reply(200, body.dump());
}

/// Status 200 where there is nothing to refuse.
Reply IdentityService::refuse_app(const std::string& client_id, const std::string& secret) const {
  for (const auto& app : identity_.apps) {
    if (app.client_id == client_id && app.secret == secret) return json_reply(200, "");
  }
  if (identity_.apps.empty() && !secret.empty()) return json_reply(200, "");
  return entra_error(401, "invalid_client", 7000215,
                     "Invalid client secret provided. Ensure the secret being sent in the request "
                     "is the client secret value, not the client secret ID, for a secret added to "
                     "app '" +
                         client_id + "'.");
}

Reply IdentityService::metadata_token(const Request& request) {
  if (request.header("metadata") != "true") {
    return metadata_error("bad_request_102", "Required metadata header not specified");
  }
  const auto resource = request.query("resource").value_or("");
  if (resource.empty()) {
    return metadata_error("invalid_resource", "AADSTS50001: The resource is missing or unknown.");
  }
  const auto client_id = request.query("client_id").value_or(std::string(kSystemIdentity));
  const auto& known = identity_.managed_identities;
  const bool is_system = !request.query("client_id");
  if (!is_system && !known.empty() &&
      std::find(known.begin(), known.end(), client_id) == known.end()) {
    return metadata_error("invalid_request", "Identity not found");
  }
  const auto now = std::chrono::system_clock::now();
  TokenRequest wanted;
  wanted.tenant = kTenantOfMachine;
  wanted.client_id = client_id;
  wanted.audience = resource;
  wanted.lifetime = identity_.token_lifetime;
  const auto seconds = std::to_string(identity_.token_lifetime.count());
  const auto now_seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const nlohmann::ordered_json body{
      {"access_token", issuer_.issue(wanted, now)},
      {"client_id", client_id},
      {"expires_in", seconds},
      {"expires_on", std::to_string(now_seconds + identity_.token_lifetime.count())},
      {"ext_expires_in", seconds},
      {"not_before", std::to_string(now_seconds - 300)},
      {"resource", resource},
      {"token_type", "Bearer"}};
  return json_reply(200, body.dump());
}

bool IdentityService::is_known_tenant(const std::string& tenant) const {
  const auto& known = identity_.tenants;
  return known.empty() || std::find(known.begin(), known.end(), tenant) != known.end();
}

bool IdentityService::is_known_app(const std::string& client_id) const {
  return identity_.apps.empty() ||
         std::any_of(identity_.apps.begin(), identity_.apps.end(),
                     [&client_id](const App& app) { return app.client_id == client_id; });
}

}  // namespace spillway::simulator
