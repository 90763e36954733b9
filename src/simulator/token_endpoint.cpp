#include "simulator/token_endpoint.hpp"

#include "simulator/client_assertion.hpp"
#include "simulator/entra_errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace spillway::simulator {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr std::string_view kDefaultScope = "/.default";

std::string field(const Request& request, std::string_view name) {
  return form_value(request.body, name).value_or("");
}

/// What the token is for: of version 2, the one scope without `/.default`.
std::optional<std::string> resource_of(const Request& request, TokenVersion version) {
  if (version == TokenVersion::v1) return form_value(request.body, "resource");
  auto scope = field(request, "scope");
  const bool is_one = scope.find(' ') == std::string::npos;
  if (!is_one || !scope.ends_with(kDefaultScope) || scope.size() == kDefaultScope.size()) {
    return std::nullopt;
  }
  scope.resize(scope.size() - kDefaultScope.size());
  return scope;
}

}  // namespace

Reply TokenEndpoint::answer(const Request& request, const std::string& tenant,
                            TokenVersion version) {
  if (request.method != "POST") {
    return error_reply(entra_error(
        400, "invalid_request", 900561,
        "The endpoint only accepts POST requests. Received a " + request.method + " request."));
  }
  const Caller caller{tenant, field(request, "client_id")};
  if (const auto refusal = refuse(request, caller)) return error_reply(*refusal);
  const auto resource = resource_of(request, version);
  if (resource && !resource->empty()) return grant(caller, *resource, version);
  return error_reply(version == TokenVersion::v1 ? missing_parameter("resource") : bad_scope());
}

std::optional<ErrorText> TokenEndpoint::refuse(const Request& request, const Caller& caller) const {
  if (!is_known_tenant(caller.tenant)) return unknown_tenant(caller.tenant);
  const auto grant_type = field(request, "grant_type");
  if (grant_type.empty()) return missing_parameter("grant_type");
  if (grant_type != "client_credentials") {
    return entra_error(400, "unsupported_grant_type", 70003,
                       "The app requested an unsupported grant type '" + grant_type + "'.");
  }
  if (caller.client_id.empty()) return missing_parameter("client_id");
  const auto app = find_app(caller.client_id);
  if (!app) return unknown_app(caller.client_id, caller.tenant);
  if (!field(request, "client_assertion").empty()) {
    if (field(request, "client_assertion_type") != kAssertionType) {
      return missing_parameter("client_assertion_type");
    }
    const AssertionPlace place{issuer_.now(), audiences(request, caller.tenant)};
    return refuse_assertion(*app, field(request, "client_assertion"), place);
  }
  return refuse_credential(request, *app);
}

std::optional<ErrorText> TokenEndpoint::refuse_credential(const Request& request,
                                                          const App& app) const {
  const auto secret = field(request, "client_secret");
  if (secret.empty()) {
    return entra_error(401, "invalid_client", 7000218,
                       "The request body must contain the following parameter: "
                       "'client_assertion' or 'client_secret'.");
  }
  if (!app.expired_secret.empty() && secret == app.expired_secret) {
    return expired_secret(app.client_id);
  }
  const bool takes_assertions = !app.certificate_file.empty() || app.federation ||
                                !app.federated_tokens.empty() || !app.federated_token_file.empty();
  const bool takes_any = app.secret.empty() && app.expired_secret.empty() && !takes_assertions;
  if (takes_any || (!app.secret.empty() && secret == app.secret)) return std::nullopt;
  return bad_secret(app.client_id);
}

/// With none configured, every id is an application that takes anything.
std::optional<App> TokenEndpoint::find_app(const std::string& client_id) const {
  for (const auto& app : identity_.apps) {
    if (app.client_id == client_id) return app;
  }
  if (!identity_.apps.empty()) return std::nullopt;
  return App{client_id};
}

bool TokenEndpoint::is_known_tenant(const std::string& tenant) const {
  const auto& known = identity_.tenants;
  return known.empty() || std::find(known.begin(), known.end(), tenant) != known.end();
}

/// The endpoint's URL as it is published, and as the client may have written it: `localhost` and
/// `127.0.0.1` are one server. Entra takes either version's URL at both.
std::vector<std::string> TokenEndpoint::audiences(const Request& request,
                                                  const std::string& tenant) const {
  const auto& authority = issuer_.authority();
  const auto scheme = authority.substr(0, authority.find("//") + 2);
  std::vector<std::string> urls;
  for (auto url : {authority, scheme + request.header("host").value_or("")}) {
    url.append("/").append(tenant).append("/oauth2");
    urls.push_back(url + "/v2.0/token");
    urls.push_back(url + "/token");
  }
  return urls;
}

Reply TokenEndpoint::grant(const Caller& caller, const std::string& resource,
                           TokenVersion version) {
  const auto now = issuer_.now();
  TokenRequest wanted;
  wanted.tenant = caller.tenant;
  wanted.client_id = caller.client_id;
  wanted.audience = resource;
  wanted.lifetime = identity_.token_lifetime;
  wanted.version = version;
  const bool is_v1 = version == TokenVersion::v1;
  // Version 1 writes every number as text.
  const auto number = [is_v1](std::chrono::seconds value) {
    return is_v1 ? ordered_json(std::to_string(value.count())) : ordered_json(value.count());
  };
  const auto at = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  ordered_json body{{"token_type", "Bearer"},
                    {"expires_in", number(wanted.lifetime)},
                    {"ext_expires_in", number(wanted.lifetime)}};
  if (identity_.refresh_in.count() > 0) body["refresh_in"] = number(identity_.refresh_in);
  if (is_v1) {
    body["expires_on"] = number(at + wanted.lifetime);
    body["not_before"] = number(at - std::chrono::seconds(300));
    body["resource"] = resource;
  }
  body["access_token"] = issuer_.issue(wanted, now);
  auto reply = json_reply(200, body.dump());
  reply.headers.push_back({"Cache-Control", "no-store, no-cache"});
  return reply;
}

}  // namespace spillway::simulator
