#pragma once
// What a token's claims must say, once its signature is known to be right (wire reference §8).
// Pure: the time is an argument.

#include <spillway/base/time.hpp>
#include <spillway/identity/access_token.hpp>
#include <spillway/identity/token_claims.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace spillway::identity {

struct TokenRules {
  std::vector<std::string> audiences;  // compared byte by byte: a trailing slash counts
  base::Duration leeway{};             // for exp and nbf
};

/// `tenant_id`: of the issuer whose key signed the token. Refusals: wrong_tenant, wrong_audience,
/// expired, not_yet_valid.
std::variant<AccessToken, TokenRefusal> apply_rules(const TokenClaims& claims,
                                                    std::string_view tenant_id,
                                                    const TokenRules& rules, base::WallTime now);

/// Whether a token that was valid before is so no longer.
bool is_expired(base::WallTime expires_at, base::Duration leeway, base::WallTime now);

}  // namespace spillway::identity
