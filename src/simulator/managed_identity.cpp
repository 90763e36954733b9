#include "simulator/managed_identity.hpp"

#include "simulator/entra_errors.hpp"
#include <spillway/base/text.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <ctime>

namespace spillway::simulator {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kSystemIdentity = "22222222-2222-4222-8222-222222222222";
constexpr std::string_view kTenantOfMachine = "33333333-3333-4333-8333-333333333333";
constexpr std::chrono::seconds kDatedBack{300};

/// The names that a parameter with an id has had, and which of the ids it means.
struct IdParameter {
  std::string_view name;
  std::string ManagedIdentity::*id;
};
constexpr std::array<IdParameter, 7> kIdParameters{{
    {"client_id", &ManagedIdentity::client_id},
    {"clientid", &ManagedIdentity::client_id},
    {"object_id", &ManagedIdentity::object_id},
    {"principal_id", &ManagedIdentity::object_id},
    {"msi_res_id", &ManagedIdentity::resource_id},
    {"mi_res_id", &ManagedIdentity::resource_id},
    {"resource_id", &ManagedIdentity::resource_id},
}};

bool names_identity(const Request& request) {
  for (const auto& parameter : kIdParameters) {
    if (request.query(parameter.name)) return true;
  }
  return false;
}

/// `11/24/2026 9:20:00 AM +00:00`
std::string date_text(std::chrono::seconds since_epoch) {
  const auto time = static_cast<std::time_t>(since_epoch.count());
  std::tm parts{};
  gmtime_r(&time, &parts);
  const int hour = parts.tm_hour % 12 == 0 ? 12 : parts.tm_hour % 12;
  char text[64];
  const int length = std::snprintf(text, sizeof text, "%d/%d/%d %d:%02d:%02d %s +00:00",
                                   parts.tm_mon + 1, parts.tm_mday, parts.tm_year + 1900, hour,
                                   parts.tm_min, parts.tm_sec, parts.tm_hour < 12 ? "AM" : "PM");
  return {text, static_cast<std::size_t>(length)};
}

Reply metadata_refusal(std::string_view error, std::string_view what) {
  return error_reply(metadata_error(400, error, what));
}

/// App Service's own dialect.
Reply site_error(unsigned status, std::string_view message) {
  const ordered_json body{{"statusCode", status},
                          {"message", message},
                          {"correlationId", "bbbbbbbb-0000-4000-8000-000000000002"}};
  return json_reply(status, body.dump());
}

bool is_arc_version(std::string_view version) {
  return version == "2020-06-01" || version == "2019-11-01";
}

}  // namespace

Reply ManagedIdentityEndpoints::metadata(const Request& request) {
  if (request.method != "GET") {
    return error_reply(metadata_error(405, "invalid_request", "Only GET is allowed"));
  }
  // A request that was forwarded may be somebody else's: no token for it.
  if (request.header("x-forwarded-for")) {
    return metadata_refusal("invalid_request", "Requests with X-Forwarded-For are refused");
  }
  if (request.header("metadata") != "true") {
    return metadata_refusal("bad_request_102", "Required metadata header not specified");
  }
  const auto version = request.query("api-version").value_or("");
  if (version.empty()) {
    return metadata_refusal("bad_request_103",
                            "Required query variable 'api-version' is missing or malformed");
  }
  if (request.query("resource").value_or("").empty()) {
    return metadata_refusal("invalid_resource", "AADSTS50001: The resource is missing or unknown.");
  }
  const bool is_arc = !identity_.arc_key_directory.empty() && is_arc_version(version);
  return is_arc ? arc(request) : instance_metadata(request);
}

Reply ManagedIdentityEndpoints::instance_metadata(const Request& request) {
  const auto client_id = client_id_of(request);
  if (!client_id) return metadata_refusal("invalid_request", "Identity not found");
  const auto grant = issue(*client_id, *request.query("resource"));
  const auto lifetime = std::to_string(identity_.token_lifetime.count());
  const ordered_json body{{"access_token", grant.token},
                          {"client_id", grant.client_id},
                          {"expires_in", lifetime},
                          {"expires_on", std::to_string(grant.expires_at.count())},
                          {"ext_expires_in", lifetime},
                          {"not_before", std::to_string((grant.issued_at - kDatedBack).count())},
                          {"resource", grant.resource},
                          {"token_type", "Bearer"}};
  return json_reply(200, body.dump());
}

Reply ManagedIdentityEndpoints::app_service(const Request& request) {
  const auto version = request.query("api-version").value_or("");
  const bool is_2017 = version == "2017-09-01";
  if (!is_2017 && version != "2019-08-01") return site_error(400, "Unsupported API version.");
  const auto header = request.header(is_2017 ? "secret" : "x-identity-header").value_or("");
  const auto& wanted = identity_.app_service_header;
  if (header.empty() || (!wanted.empty() && header != wanted)) {
    return site_error(401, "The identity header is missing or wrong.");
  }
  const auto resource = request.query("resource").value_or("");
  if (resource.empty()) return site_error(400, "The resource is missing.");
  const auto client_id = client_id_of(request);
  if (!client_id) {
    return site_error(400,
                      "No User Assigned or Delegated Managed Identity found for specified "
                      "ClientId/ResourceId/PrincipalId.");
  }
  const auto grant = issue(*client_id, resource);
  ordered_json body{{"access_token", grant.token},
                    {"expires_on", is_2017 ? date_text(grant.expires_at)
                                           : std::to_string(grant.expires_at.count())},
                    {"resource", grant.resource},
                    {"token_type", "Bearer"}};
  if (!is_2017) body["client_id"] = grant.client_id;
  return json_reply(200, body.dump());
}

Reply ManagedIdentityEndpoints::arc(const Request& request) {
  constexpr std::string_view kScheme = "Basic ";
  if (names_identity(request)) {
    return metadata_refusal("invalid_request", "User assigned identities are not supported");
  }
  const auto authorization = request.header("authorization").value_or("");
  if (!authorization.starts_with(kScheme)) return challenge();
  if (arc_keys_.redeem(authorization.substr(kScheme.size())) == Redeemed::no) return challenge();
  const auto grant = issue(std::string(kSystemIdentity), *request.query("resource"));
  const ordered_json body{{"access_token", grant.token},
                          {"expires_in", std::to_string(identity_.token_lifetime.count())},
                          {"expires_on", std::to_string(grant.expires_at.count())},
                          {"not_before", std::to_string((grant.issued_at - kDatedBack).count())},
                          {"resource", grant.resource},
                          {"token_type", "Bearer"}};
  return json_reply(200, body.dump());
}

Reply ManagedIdentityEndpoints::challenge() {
  const auto file = arc_keys_.write_one();
  if (!file) {
    return error_reply(metadata_error(500, "unknown",
                                      "spillway-sim cannot write into identity.arc.key_directory"));
  }
  Reply reply;
  reply.status = 401;
  reply.headers = {{"WWW-Authenticate", "Basic realm=" + *file}};
  return reply;
}

ManagedIdentityEndpoints::Grant ManagedIdentityEndpoints::issue(const std::string& client_id,
                                                                const std::string& resource) {
  const auto now = issuer_.now();
  TokenRequest wanted;
  wanted.tenant = kTenantOfMachine;
  wanted.client_id = client_id;
  wanted.audience = resource;
  wanted.lifetime = identity_.token_lifetime;
  const auto at = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  return {issuer_.issue(wanted, now), client_id, resource, at, at + wanted.lifetime};
}

/// Whose token it is; nothing for an identity that this machine does not have. With none
/// configured, an unknown object or resource id stands for itself.
std::optional<std::string> ManagedIdentityEndpoints::client_id_of(const Request& request) const {
  for (const auto& [name, id] : kIdParameters) {
    const auto wanted = request.query(name);
    if (!wanted) continue;
    for (const auto& known : identity_.managed_identities) {
      if (base::equals_ignoring_case(known.*id, *wanted)) return known.client_id;
    }
    if (identity_.managed_identities.empty()) return wanted;
    return std::nullopt;
  }
  if (!identity_.has_system_identity) return std::nullopt;
  return std::string(kSystemIdentity);
}

}  // namespace spillway::simulator
