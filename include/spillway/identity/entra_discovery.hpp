#pragma once
// Entra's discovery documents (wire reference §8): which to ask for, and what to believe of the
// answer. A document only says under which name the tenant's tokens come and where on the same
// authority its keys are; it cannot send anybody elsewhere.

#include <spillway/base/result.hpp>
#include <spillway/identity/entra_keys.hpp>
#include <spillway/identity/token_request.hpp>

#include <string>
#include <string_view>

namespace spillway::identity {

/// Which document of which tenant.
struct DiscoverySubject {
  Origin authority;
  std::string tenant;  // a GUID or a verified domain, in lower case
  TokenVersion version = TokenVersion::v2;
};

struct Discovery {
  std::string issuer;       // https, or http on loopback; `{tenantid}` substituted
  std::string tenant_id;    // a GUID in lower case
  std::string keys_target;  // path and query of the key set, on the authority
};

inline constexpr std::size_t kMaxDiscoveryBytes = 64U << 10U;

/// Path of the document on the authority.
std::string discovery_target(const DiscoverySubject& subject);

/// Errors: Fault::upstream_malformed, with what is wrong: no JSON object, an issuer that does not
/// end in `/{tenant id}/` (v1) or `/{tenant id}/v2.0` (v2) or is of another tenant than the one
/// asked about, or a jwks_uri that is not on the authority (scheme, host and port).
base::Result<Discovery> parse_discovery(std::string_view json, const DiscoverySubject& subject);

/// Plain HTTP may be spoken with this machine only.
bool is_loopback(std::string_view host);

}  // namespace spillway::identity
