#include <spillway/base/text.hpp>
#include <spillway/identity/token_identity.hpp>

#include <utility>

namespace spillway::identity {
namespace {

using config::ClientCertificate;
using config::ClientSecret;
using config::EnvironmentIdentity;
using config::ManagedIdentity;
using config::WorkloadIdentity;

bool is_set(const Environment& environment, std::string_view name) {
  return !variable(environment, name).empty();
}

// As Azure's libraries read a flag.
bool is_true(const std::string& text) {
  return text == "1" || base::equals_ignoring_case(text, "true");
}

ManagedSource managed_source(ManagedIdentity identity, const Environment& environment) {
  return {find_managed_host(environment), std::move(identity)};
}

void fill_in(std::string& text, const Environment& environment, std::string_view name) {
  if (text.empty()) text = variable(environment, name);
}

WorkloadIdentity completed(WorkloadIdentity identity, const Environment& environment) {
  fill_in(identity.tenant_id, environment, "AZURE_TENANT_ID");
  fill_in(identity.client_id, environment, "AZURE_CLIENT_ID");
  fill_in(identity.token_file, environment, "AZURE_FEDERATED_TOKEN_FILE");
  return identity;
}

TokenIdentity environment_identity(const Environment& environment) {
  const std::string client_id = variable(environment, "AZURE_CLIENT_ID");
  const std::string tenant_id = variable(environment, "AZURE_TENANT_ID");
  const bool is_application = !client_id.empty() && !tenant_id.empty();
  if (is_application && is_set(environment, "AZURE_CLIENT_SECRET")) {
    base::Secret secret(variable(environment, "AZURE_CLIENT_SECRET"));
    return ClientSecret{tenant_id, client_id, std::move(secret)};
  }
  const std::string certificate = variable(environment, "AZURE_CLIENT_CERTIFICATE_PATH");
  if (is_application && !certificate.empty()) {
    const bool sends_chain = is_true(variable(environment, "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"));
    return ClientCertificate{tenant_id, client_id, certificate, sends_chain};
  }
  const std::string token_file = variable(environment, "AZURE_FEDERATED_TOKEN_FILE");
  if (is_application && !token_file.empty()) {
    return WorkloadIdentity{tenant_id, client_id, token_file};
  }
  ManagedIdentity managed;
  managed.client_id = client_id;
  return managed_source(std::move(managed), environment);
}

std::string_view name_of(ManagedHost host) {
  switch (host) {
    case ManagedHost::imds:
      return "IMDS";
    case ManagedHost::app_service:
      return "App Service";
    case ManagedHost::machine_learning:
      return "Machine Learning";
    case ManagedHost::arc:
      return "Azure Arc";
    case ManagedHost::service_fabric:
      return "Service Fabric";
    case ManagedHost::cloud_shell:
      return "Cloud Shell";
  }
  return "unknown";
}

struct Described {
  std::string operator()(const ManagedSource& source) const {
    return "managed_identity (" + std::string(name_of(source.host)) + ")";
  }
  std::string operator()(const WorkloadIdentity&) const { return "workload_identity"; }
  std::string operator()(const ClientSecret&) const { return "client_secret"; }
  std::string operator()(const ClientCertificate&) const { return "client_certificate"; }
};

// What tells two of one kind apart.
bool is_same(const EnvironmentIdentity&, const EnvironmentIdentity&) {
  return true;
}
bool is_same(const ManagedIdentity& one, const ManagedIdentity& other) {
  return one.client_id == other.client_id && one.object_id == other.object_id &&
         one.resource_id == other.resource_id;
}
bool is_same(const WorkloadIdentity& one, const WorkloadIdentity& other) {
  return one.tenant_id == other.tenant_id && one.client_id == other.client_id &&
         one.token_file == other.token_file;
}
bool is_same(const ClientSecret& one, const ClientSecret& other) {
  return one.tenant_id == other.tenant_id && one.client_id == other.client_id &&
         one.secret.reveal() == other.secret.reveal();
}
bool is_same(const ClientCertificate& one, const ClientCertificate& other) {
  return one.tenant_id == other.tenant_id && one.client_id == other.client_id &&
         one.certificate_file == other.certificate_file &&
         one.send_certificate_chain == other.send_certificate_chain;
}
bool is_same(const config::ApiKey&, const config::ApiKey&) {
  return false;
}
bool is_same(const config::PassThrough&, const config::PassThrough&) {
  return false;
}

}  // namespace

std::string variable(const Environment& environment, std::string_view name) {
  if (!environment) return {};
  return environment(name).value_or(std::string());
}

ManagedHost find_managed_host(const Environment& environment) {
  const bool has_endpoint = is_set(environment, "IDENTITY_ENDPOINT");
  if (has_endpoint && is_set(environment, "IDENTITY_HEADER")) {
    return is_set(environment, "IDENTITY_SERVER_THUMBPRINT") ? ManagedHost::service_fabric
                                                             : ManagedHost::app_service;
  }
  if (is_set(environment, "MSI_ENDPOINT")) {
    return is_set(environment, "MSI_SECRET") ? ManagedHost::machine_learning
                                             : ManagedHost::cloud_shell;
  }
  if (has_endpoint && is_set(environment, "IMDS_ENDPOINT")) return ManagedHost::arc;
  return ManagedHost::imds;
}

TokenIdentity resolve_identity(const config::CredentialKind& kind, const Environment& environment) {
  if (const auto* managed = std::get_if<ManagedIdentity>(&kind)) {
    return managed_source(*managed, environment);
  }
  if (const auto* workload = std::get_if<WorkloadIdentity>(&kind)) {
    return completed(*workload, environment);
  }
  if (const auto* secret = std::get_if<ClientSecret>(&kind)) return *secret;
  if (const auto* certificate = std::get_if<ClientCertificate>(&kind)) return *certificate;
  return environment_identity(environment);
}

std::string describe(const TokenIdentity& identity) {
  return std::visit(Described(), identity);
}

bool is_local(const TokenIdentity& identity) {
  return std::holds_alternative<ManagedSource>(identity);
}

bool is_same_identity(const config::Credential& one, const config::Credential& other) {
  if (one.scope != other.scope || one.authority_host != other.authority_host) return false;
  return std::visit(
      [&](const auto& kind) {
        using Kind = std::decay_t<decltype(kind)>;
        const auto* same_kind = std::get_if<Kind>(&other.kind);
        return same_kind != nullptr && is_same(kind, *same_kind);
      },
      one.kind);
}

}  // namespace spillway::identity
