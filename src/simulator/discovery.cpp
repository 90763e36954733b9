#include "simulator/discovery.hpp"

#include "simulator/minting.hpp"

#include <nlohmann/json.hpp>

namespace spillway::simulator {
namespace {

using nlohmann::ordered_json;

ordered_json claims_supported() {
  return {"sub", "iss", "cloud_instance_name", "aud", "exp", "iat", "auth_time", "acr", "nonce",
          "tid", "ver"};
}

}  // namespace

bool is_any_tenant(std::string_view tenant) {
  return tenant == "common" || tenant == "organizations" || tenant == "consumers";
}

std::string issuer_tenant(std::string_view tenant) {
  return is_any_tenant(tenant) ? "{tenantid}" : std::string(tenant);
}

std::string openid_configuration(const std::string& authority, std::string_view tenant,
                                 TokenVersion version) {
  const bool is_v1 = version == TokenVersion::v1;
  const auto base = authority + "/" + std::string(tenant);
  const auto oauth = base + (is_v1 ? "/oauth2" : "/oauth2/v2.0");
  ordered_json scopes = ordered_json::array({"openid"});
  if (!is_v1) scopes = {"openid", "profile", "email", "offline_access"};
  ordered_json region = nullptr;
  if (!is_any_tenant(tenant)) region = "NA";
  const ordered_json document{
      {"token_endpoint", oauth + "/token"},
      {"token_endpoint_auth_methods_supported",
       {"client_secret_post", "private_key_jwt", "client_secret_basic"}},
      {"jwks_uri", base + (is_v1 ? "/discovery/keys" : "/discovery/v2.0/keys")},
      {"response_modes_supported", {"query", "fragment", "form_post"}},
      {"subject_types_supported", ordered_json::array({"pairwise"})},
      {"id_token_signing_alg_values_supported", ordered_json::array({"RS256"})},
      {"response_types_supported", {"code", "id_token", "code id_token", "id_token token"}},
      {"scopes_supported", scopes},
      {"issuer", issuer_of(authority, issuer_tenant(tenant), version)},
      {"request_uri_parameter_supported", false},
      {"userinfo_endpoint",
       is_v1 ? base + "/openid/userinfo" : "https://graph.microsoft.com/oidc/userinfo"},
      {"authorization_endpoint", oauth + "/authorize"},
      {"device_authorization_endpoint", oauth + "/devicecode"},
      {"http_logout_supported", true},
      {"frontchannel_logout_supported", true},
      {"end_session_endpoint", oauth + "/logout"},
      {"claims_supported", claims_supported()},
      {"tenant_region_scope", region},
      {"cloud_instance_name", "microsoftonline.com"},
      {"cloud_graph_host_name", "graph.windows.net"},
      {"msgraph_host", "graph.microsoft.com"},
      {"rbac_url", "https://pas.windows.net"}};
  return document.dump();
}

}  // namespace spillway::simulator
