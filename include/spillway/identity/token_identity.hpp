#pragma once
// Which identity a credential comes to once the environment was asked, in the order of Azure's own
// libraries (docs/identity.md). Pure; asked anew for each fetch, for variables and files may come
// later.

#include <spillway/config/configuration.hpp>
#include <spillway/identity/environment.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace spillway::identity {

/// Who hands out a managed identity's tokens here. The last two are known but not supported.
enum class ManagedHost : std::uint8_t {
  imds,
  app_service,
  machine_learning,
  arc,
  service_fabric,
  cloud_shell,
};

struct ManagedSource {
  ManagedHost host = ManagedHost::imds;
  config::ManagedIdentity identity;
};

/// In WorkloadIdentity what was left out is filled in; it stays empty where the environment has
/// nothing.
using TokenIdentity = std::variant<ManagedSource, config::WorkloadIdentity, config::ClientSecret,
                                   config::ClientCertificate>;

/// A variable's value; empty counts as not set.
std::string variable(const Environment& environment, std::string_view name);

/// Service Fabric, App Service, Machine Learning, Cloud Shell, Arc, else IMDS, by which of their
/// variables are set.
ManagedHost find_managed_host(const Environment& environment);

/// EnvironmentIdentity: with AZURE_TENANT_ID and AZURE_CLIENT_ID it is a client secret
/// (AZURE_CLIENT_SECRET), else a client certificate (AZURE_CLIENT_CERTIFICATE_PATH), else workload
/// identity (AZURE_FEDERATED_TOKEN_FILE); without them, or any of those, the managed identity, the
/// one named by AZURE_CLIENT_ID if that is set. The first whose variables are set it is, whether or
/// not it works. Kinds that need no token (ApiKey, PassThrough) are not for this.
TokenIdentity resolve_identity(const config::CredentialKind& kind, const Environment& environment);

/// "client_secret", "managed_identity (App Service)" and the like, for log and /status.
std::string describe(const TokenIdentity& identity);

/// Whether tokens come from this machine's own surroundings: never through a proxy.
bool is_local(const TokenIdentity& identity);

/// Whether the tokens of one serve the other: the same kind, ids, secret, scope and authority. Two
/// secrets of one application are two identities, for one of them may be wrong; so are
/// `environment` and what it comes to, for that may change.
bool is_same_identity(const config::Credential& one, const config::Credential& other);

}  // namespace spillway::identity
