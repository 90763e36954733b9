#include <spillway/base/text.hpp>
#include <spillway/identity/token_request.hpp>

#include <utility>

namespace spillway::identity {
namespace {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;
using config::ManagedIdentity;

constexpr std::string_view kMetadataHost = "http://169.254.169.254";
constexpr std::string_view kMetadataPath = "/metadata/identity/oauth2/token";

// How one kind of endpoint wants to be asked.
struct Dialect {
  std::string_view version;
  std::string_view client_id;
  std::string_view resource_id;
};
constexpr Dialect kImds{"2018-02-01", "client_id", "msi_res_id"};
constexpr Dialect kAppService{"2019-08-01", "client_id", "mi_res_id"};
constexpr Dialect kMachineLearning{"2017-09-01", "clientid", "mi_res_id"};
constexpr Dialect kArc{"2020-06-01", "", ""};

Error cannot(std::string detail) {
  return {Fault::internal, Side::gateway, std::move(detail)};
}

// Managed identity knows resources, not scopes.
std::string_view resource_of(std::string_view scope) {
  constexpr std::string_view suffix = "/.default";
  if (scope.ends_with(suffix)) scope.remove_suffix(suffix.size());
  return scope;
}

void add_parameter(std::string& target, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  target += "&" + std::string(name) + "=" + base::percent_encode(value);
}

std::string question(const Dialect& dialect, const ManagedIdentity& identity,
                     std::string_view scope) {
  std::string text = "?api-version=" + std::string(dialect.version);
  add_parameter(text, "resource", resource_of(scope));
  add_parameter(text, dialect.client_id, identity.client_id);
  add_parameter(text, "object_id", identity.object_id);
  add_parameter(text, dialect.resource_id, identity.resource_id);
  return text;
}

void add_field(TokenRequest& request, std::string name, std::string value) {
  request.fields.push_back({std::move(name), base::Secret(std::move(value))});
}

Result<Origin> origin_in(const Environment& environment, std::string_view name) {
  const std::string url = variable(environment, name);
  auto origin = parse_origin(url);
  if (!origin) return cannot(std::string(name) + " " + origin.error().detail());
  return origin;
}

// A whole URL in a variable is asked as it is.
Result<TokenRequest> ask(const Result<Origin>& endpoint, const std::string& query) {
  if (!endpoint) return endpoint.error();
  TokenRequest request;
  request.method = "GET";
  request.origin = *endpoint;
  request.target = (endpoint->path_prefix.empty() ? "/" : endpoint->path_prefix) + query;
  return request;
}

Result<TokenRequest> ask_imds(const ManagedIdentity& identity, std::string_view scope,
                              const Environment& environment) {
  constexpr std::string_view moved = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
  auto origin = variable(environment, moved).empty() ? parse_origin(kMetadataHost)
                                                     : origin_in(environment, moved);
  if (origin) origin->path_prefix += kMetadataPath;
  auto request = ask(origin, question(kImds, identity, scope));
  if (request) add_field(*request, "Metadata", "true");
  return request;
}

Result<TokenRequest> ask_app_service(const ManagedIdentity& identity, std::string_view scope,
                                     const Environment& environment) {
  auto request =
      ask(origin_in(environment, "IDENTITY_ENDPOINT"), question(kAppService, identity, scope));
  if (request) {
    add_field(*request, "X-IDENTITY-HEADER", variable(environment, "IDENTITY_HEADER"));
  }
  return request;
}

Result<TokenRequest> ask_machine_learning(ManagedIdentity identity, std::string_view scope,
                                          const Environment& environment) {
  const bool is_unnamed =
      identity.client_id.empty() && identity.object_id.empty() && identity.resource_id.empty();
  if (is_unnamed) identity.client_id = variable(environment, "DEFAULT_IDENTITY_CLIENT_ID");
  auto request =
      ask(origin_in(environment, "MSI_ENDPOINT"), question(kMachineLearning, identity, scope));
  if (request) add_field(*request, "secret", variable(environment, "MSI_SECRET"));
  return request;
}

Result<TokenRequest> ask_arc(const ManagedIdentity& identity, std::string_view scope,
                             const Environment& environment) {
  if (!identity.client_id.empty() || !identity.object_id.empty() || !identity.resource_id.empty()) {
    return cannot(
        "Azure Arc has the machine's system-assigned identity only; write managed_identity: {} and "
        "leave AZURE_CLIENT_ID unset");
  }
  auto request = ask(origin_in(environment, "IDENTITY_ENDPOINT"), question(kArc, identity, scope));
  if (request) add_field(*request, "Metadata", "true");
  return request;
}

std::string token_path(const Application& application) {
  return "/" + base::percent_encode(application.tenant_id) + "/oauth2/v2.0/token";
}

struct Proof {
  std::string_view before;  // parameters that stand before the secret one
  std::string_view name;
  const base::Secret& value;
};

Result<TokenRequest> ask_authority(const Application& application, const Proof& proof) {
  auto origin = parse_origin(application.authority_host);
  if (!origin) return origin.error();
  TokenRequest request;
  request.method = "POST";
  request.target = origin->path_prefix + token_path(application);
  request.origin = std::move(*origin);
  add_field(request, "Content-Type", "application/x-www-form-urlencoded;charset=utf-8");
  add_field(request, "Accept", "application/json");
  std::string encoded_secret = base::percent_encode(proof.value.reveal());
  std::string body = "client_id=" + base::percent_encode(application.client_id);
  body += "&scope=" + base::percent_encode(application.scope);
  // Room first, so that no copy of the secret is left behind by growing.
  body.reserve(body.size() + encoded_secret.size() + 256);
  body += proof.before;
  body += "&" + std::string(proof.name) + "=";
  body += encoded_secret;
  body += "&grant_type=client_credentials";
  base::wipe(encoded_secret);
  request.body = base::Secret(std::move(body));
  return request;
}

}  // namespace

std::string token_endpoint(const Application& application) {
  return application.authority_host + token_path(application);
}

Result<TokenRequest> make_secret_request(const Application& application,
                                         const base::Secret& secret) {
  return ask_authority(application, Proof{"", "client_secret", secret});
}

Result<TokenRequest> make_assertion_request(const Application& application,
                                            const base::Secret& assertion) {
  constexpr std::string_view type =
      "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
  return ask_authority(application, Proof{type, "client_assertion", assertion});
}

Result<TokenRequest> make_managed_request(const ManagedSource& source, std::string_view scope,
                                          const Environment& environment) {
  switch (source.host) {
    case ManagedHost::imds:
      return ask_imds(source.identity, scope, environment);
    case ManagedHost::app_service:
      return ask_app_service(source.identity, scope, environment);
    case ManagedHost::machine_learning:
      return ask_machine_learning(source.identity, scope, environment);
    case ManagedHost::arc:
      return ask_arc(source.identity, scope, environment);
    case ManagedHost::service_fabric:
      return cannot(
          "this is Service Fabric (IDENTITY_SERVER_THUMBPRINT is set), whose managed identity is "
          "not supported; use client_secret, client_certificate or api_key");
    case ManagedHost::cloud_shell:
      return cannot(
          "this is Cloud Shell (MSI_ENDPOINT is set, MSI_SECRET is not), whose identity is a "
          "person's and not supported; use client_secret, client_certificate or api_key");
  }
  return cannot("an unknown host of managed identities");
}

TokenRequest with_basic_authorization(TokenRequest request, const base::Secret& key) {
  std::string value = "Basic ";
  value += key.reveal();
  add_field(request, "Authorization", std::move(value));
  return request;
}

}  // namespace spillway::identity
