#include <spillway/base/text.hpp>
#include <spillway/identity/token_request.hpp>

#include <utility>

namespace spillway::identity {
namespace {

using base::Error;
using base::Fault;
using base::Side;

constexpr std::string_view kMetadataHost = "http://169.254.169.254";
constexpr std::string_view kMetadataVersion = "2018-02-01";

std::string variable(const Environment& environment, std::string_view name) {
  if (!environment) return {};
  return environment(name).value_or(std::string());
}

Error unusable(std::string_view url, std::string_view reason) {
  return {Fault::internal, Side::gateway,
          "'" + base::json_escape(url, 200) + "' " + std::string(reason) +
              "; an authority is https://HOST or http://HOST"};
}

// Managed identity knows resources, not scopes.
std::string_view resource_of(std::string_view scope) {
  constexpr std::string_view suffix = "/.default";
  if (scope.ends_with(suffix)) scope.remove_suffix(suffix.size());
  return scope;
}

struct HostAndPort {
  std::string_view host;
  std::string_view port;  // empty: the scheme's own
  bool is_well_formed = true;
};

HostAndPort split_authority(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto bracket = authority.find(']');
    if (bracket == std::string_view::npos) return {{}, {}, false};
    const std::string_view rest = authority.substr(bracket + 1);
    const bool has_port = rest.starts_with(':');
    return {authority.substr(1, bracket - 1), has_port ? rest.substr(1) : rest,
            rest.empty() || (has_port && rest.size() > 1)};
  }
  const auto colon = authority.find(':');
  if (colon == std::string_view::npos) return {authority, {}, true};
  return {authority.substr(0, colon), authority.substr(colon + 1), colon + 1 < authority.size()};
}

base::Result<TokenRequest> make_request(const config::ManagedIdentity& identity,
                                        const config::Credential& credential,
                                        const Environment& environment) {
  const std::string host = variable(environment, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
  auto origin = parse_origin(host.empty() ? kMetadataHost : std::string_view(host));
  if (!origin) return origin.error();
  TokenRequest request;
  request.method = "GET";
  request.target = origin->path_prefix + "/metadata/identity/oauth2/token?api-version=";
  request.target += kMetadataVersion;
  request.target += "&resource=" + base::percent_encode(resource_of(credential.scope));
  if (!identity.client_id.empty()) {
    request.target += "&client_id=" + base::percent_encode(identity.client_id);
  } else if (!identity.object_id.empty()) {
    request.target += "&object_id=" + base::percent_encode(identity.object_id);
  } else if (!identity.resource_id.empty()) {
    request.target += "&msi_res_id=" + base::percent_encode(identity.resource_id);
  }
  request.origin = std::move(*origin);
  request.fields.push_back({"Metadata", "true"});
  return request;
}

base::Result<TokenRequest> make_request(const config::ClientSecret& identity,
                                        const config::Credential& credential, const Environment&) {
  auto origin = parse_origin(credential.authority_host);
  if (!origin) return origin.error();
  TokenRequest request;
  request.method = "POST";
  request.target =
      origin->path_prefix + "/" + base::percent_encode(identity.tenant_id) + "/oauth2/v2.0/token";
  request.origin = std::move(*origin);
  request.fields.push_back({"Content-Type", "application/x-www-form-urlencoded;charset=utf-8"});
  request.fields.push_back({"Accept", "application/json"});
  std::string encoded_secret = base::percent_encode(identity.secret.reveal());
  std::string body = "client_id=" + base::percent_encode(identity.client_id);
  body += "&scope=" + base::percent_encode(credential.scope);
  // Room first, so that no copy of the secret is left behind by growing.
  body.reserve(body.size() + encoded_secret.size() + 64);
  body += "&client_secret=";
  body += encoded_secret;
  body += "&grant_type=client_credentials";
  base::wipe(encoded_secret);
  request.body = base::Secret(std::move(body));
  return request;
}

TokenIdentity environment_identity(const Environment& environment) {
  std::string client_id = variable(environment, "AZURE_CLIENT_ID");
  std::string tenant_id = variable(environment, "AZURE_TENANT_ID");
  base::Secret secret(variable(environment, "AZURE_CLIENT_SECRET"));
  if (!client_id.empty() && !tenant_id.empty() && !secret.empty()) {
    config::ClientSecret with_secret;
    with_secret.tenant_id = std::move(tenant_id);
    with_secret.client_id = std::move(client_id);
    with_secret.secret = std::move(secret);
    return with_secret;
  }
  config::ManagedIdentity managed;
  managed.client_id = std::move(client_id);
  return managed;
}

}  // namespace

base::Result<Origin> parse_origin(std::string_view url) {
  constexpr std::string_view https = "https://";
  constexpr std::string_view http = "http://";
  Origin origin;
  origin.is_tls = base::equals_ignoring_case(url.substr(0, https.size()), https);
  const bool is_plain = base::equals_ignoring_case(url.substr(0, http.size()), http);
  if (!origin.is_tls && !is_plain) return unusable(url, "has no scheme that is known");
  const std::string_view rest = url.substr(origin.is_tls ? https.size() : http.size());
  if (rest.find_first_of("@?# \\") != std::string_view::npos) {
    return unusable(url, "holds more than host, port and path");
  }
  const auto slash = rest.find('/');
  const HostAndPort parts = split_authority(rest.substr(0, slash));
  const auto port = parts.port.empty() ? (origin.is_tls ? 443U : 80U)
                                       : base::parse_unsigned(parts.port).value_or(0);
  if (!parts.is_well_formed || parts.host.empty() || port == 0 || port > 65535) {
    return unusable(url, "has no usable host or port");
  }
  origin.host = parts.host;
  origin.port = static_cast<std::uint16_t>(port);
  if (slash != std::string_view::npos) origin.path_prefix = rest.substr(slash);
  while (origin.path_prefix.ends_with('/'))
    origin.path_prefix.pop_back();
  return origin;
}

base::Result<TokenIdentity> resolve_identity(const config::CredentialKind& kind,
                                             const Environment& environment) {
  if (const auto* managed = std::get_if<config::ManagedIdentity>(&kind)) {
    return TokenIdentity(*managed);
  }
  if (const auto* secret = std::get_if<config::ClientSecret>(&kind)) return TokenIdentity(*secret);
  if (std::holds_alternative<config::EnvironmentIdentity>(kind)) {
    return environment_identity(environment);
  }
  return Error(Fault::internal, Side::gateway, "an api key is no identity that gets tokens");
}

std::string_view name_of(const TokenIdentity& identity) {
  return std::holds_alternative<config::ClientSecret>(identity) ? "client_secret"
                                                                : "managed_identity";
}

base::Result<TokenRequest> make_token_request(const config::Credential& credential,
                                              const Environment& environment) {
  const auto identity = resolve_identity(credential.kind, environment);
  if (!identity) return identity.error();
  return std::visit([&](const auto& known) { return make_request(known, credential, environment); },
                    *identity);
}

}  // namespace spillway::identity
