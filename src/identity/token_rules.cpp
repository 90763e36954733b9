#include "refuse.hpp"
#include <spillway/identity/token_rules.hpp>

#include <algorithm>
#include <utility>

namespace spillway::identity {
namespace {

using Reason = TokenRefusal::Reason;

std::string missing_or(const char* name, std::string_view value) {
  return std::string(name) + (value.empty() ? " is missing" : " is " + quote(value));
}

std::optional<TokenRefusal> find_violation(const TokenClaims& claims, std::string_view tenant_id,
                                           const TokenRules& rules, base::WallTime now) {
  if (claims.tenant_id != tenant_id) {
    return refuse(Reason::wrong_tenant,
                  missing_or("tid", claims.tenant_id) + ", the issuer's is " + quote(tenant_id));
  }
  const auto& audiences = rules.audiences;
  if (std::find(audiences.begin(), audiences.end(), claims.audience) == audiences.end()) {
    return refuse(Reason::wrong_audience,
                  missing_or("aud", claims.audience) + ", which is none of entra.audiences");
  }
  if (is_expired(claims.expires_at, rules.leeway, now)) {
    return refuse(Reason::expired, "expired at " + base::format_rfc3339(claims.expires_at));
  }
  if (claims.not_before && now + rules.leeway < *claims.not_before) {
    return refuse(Reason::not_yet_valid,
                  "not valid before " + base::format_rfc3339(*claims.not_before));
  }
  return std::nullopt;
}

// Tokens say idtyp only if the API asks for it; else a token without scp has no user (wire §8).
bool is_app_token(const TokenClaims& claims) {
  return claims.id_type.empty() ? !claims.scopes : claims.id_type == "app";
}

}  // namespace

bool is_expired(base::WallTime expires_at, base::Duration leeway, base::WallTime now) {
  return now >= expires_at + leeway;
}

std::variant<AccessToken, TokenRefusal> apply_rules(const TokenClaims& claims,
                                                    std::string_view tenant_id,
                                                    const TokenRules& rules, base::WallTime now) {
  if (auto refusal = find_violation(claims, tenant_id, rules, now)) return std::move(*refusal);
  AccessToken token;
  token.tenant_id = claims.tenant_id;
  token.app_id = claims.app_id;
  token.object_id = claims.object_id;
  token.subject = claims.subject;
  token.roles = claims.roles;
  token.groups = claims.groups;
  token.scopes = claims.scopes.value_or(std::vector<std::string>());
  token.expires_at = claims.expires_at;
  token.is_app = is_app_token(claims);
  token.are_groups_known = claims.are_groups_known;
  return token;
}

}  // namespace spillway::identity
