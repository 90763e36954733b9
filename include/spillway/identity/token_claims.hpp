#pragma once
// The claims of a token that Spillway looks at, read strictly and checked for nothing but their
// types.

#include <spillway/base/time.hpp>
#include <spillway/identity/access_token.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace spillway::identity {

struct TokenClaims {
  std::string issuer;     // iss
  std::string tenant_id;  // tid, in lower case; empty: none
  std::string audience;   // aud, a text or an array of one text; empty: none
  std::string app_id;     // azp or appid, in lower case; empty: none
  std::string object_id;  // oid, in lower case
  std::string subject;    // sub
  std::string id_type;    // idtyp
  std::vector<std::string> roles;
  std::vector<std::string> groups;
  std::optional<std::vector<std::string>> scopes;  // none: no scp
  base::WallTime expires_at;                       // exp
  std::optional<base::WallTime> not_before;        // nbf
  bool are_groups_known = true;
};

inline constexpr std::size_t kMaxClaims = 200;

/// `json`: the decoded second segment. `exp` and `iss` are required; `exp`, `nbf` and `iat` are
/// numbers from 0 to 9 000 000 000 (in the year 2255), fractions cut off. Refusals: malformed (no
/// JSON object, a key twice, too deep), too_large (more than kMaxClaims), invalid_claim.
std::variant<TokenClaims, TokenRefusal> parse_token_claims(std::string_view json);

}  // namespace spillway::identity
