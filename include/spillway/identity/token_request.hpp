#pragma once
// The HTTP request that fetches a token, for each kind of identity (wire reference §7.1, §7.2), as
// plain text and numbers: who sends it is another's business.

#include <spillway/base/result.hpp>
#include <spillway/base/secret.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/identity/environment.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace spillway::identity {

/// Where an authority is: scheme, host and port of a URL, and the path before its own paths.
struct Origin {
  bool is_tls = true;
  std::string host;  // without brackets
  std::uint16_t port = 443;
  std::string path_prefix;  // "" or "/a/b"
};

/// `https://host[:port][/path]` or http; nothing with user information, query or fragment.
/// Errors: Fault::internal, naming the text (an authority holds no secret).
base::Result<Origin> parse_origin(std::string_view url);

struct TokenRequestField {
  std::string name;
  std::string value;
};

/// Besides Host, Content-Length and Connection. Redirects must not be followed, proxies not used.
struct TokenRequest {
  std::string method;
  Origin origin;
  std::string target;  // path prefix included
  std::vector<TokenRequestField> fields;
  base::Secret body;  // empty: none
};

/// What a credential comes to once the environment was asked.
using TokenIdentity = std::variant<config::ManagedIdentity, config::ClientSecret>;

/// EnvironmentIdentity in the order of Azure's own chain, as far as it is supported:
/// AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET together are a client secret; else it
/// is the managed identity, the one named by AZURE_CLIENT_ID if that is set. Empty counts as not
/// set. Errors: Fault::internal for an ApiKey, which needs no token.
base::Result<TokenIdentity> resolve_identity(const config::CredentialKind& kind,
                                             const Environment& environment);

/// "managed_identity" or "client_secret", for log and /status.
std::string_view name_of(const TokenIdentity& identity);

/// For managed identity the host is AZURE_POD_IDENTITY_AUTHORITY_HOST, else http://169.254.169.254.
/// Errors: Fault::internal (an authority that is no URL, a credential that needs no token).
base::Result<TokenRequest> make_token_request(const config::Credential& credential,
                                              const Environment& environment);

}  // namespace spillway::identity
