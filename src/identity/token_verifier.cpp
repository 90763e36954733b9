#include "refuse.hpp"
#include <spillway/identity/jwt.hpp>
#include <spillway/identity/signature.hpp>
#include <spillway/identity/token_claims.hpp>
#include <spillway/identity/token_verifier.hpp>

#include <utility>

namespace spillway::identity {
namespace {

using Reason = TokenRefusal::Reason;

TokenRefusal refuse_issuer(const TokenIssuers& issuers, const TokenClaims& claims) {
  if (issuers.is_waiting_for(claims.tenant_id)) {
    return refuse(Reason::keys_unavailable,
                  "the keys of tenant " + quote(claims.tenant_id) + " were not fetched yet");
  }
  return refuse(Reason::wrong_issuer,
                "iss is " + quote(claims.issuer) + ", which is of none of entra.tenants");
}

}  // namespace

TokenVerifier::TokenVerifier(const config::Entra& entra, std::shared_ptr<EntraKeys> keys,
                             const base::Clock& clock)
    : rules_{entra.audiences, entra.clock_skew}, keys_(std::move(keys)), clock_(&clock) {}

TokenVerifier::Verdict TokenVerifier::verify(std::string_view token,
                                             const TextDigest& digest) const {
  if (token.size() > kMaxJwtBytes) {
    return refuse(Reason::too_large, "the token is larger than 16 KiB");
  }
  const base::WallTime now = clock_->wall_now();
  auto known = cache_.find(digest, keys_->generation());
  if (!known) return verify_anew(token, digest, now);
  if (!is_expired(known->expires_at, rules_.leeway, now)) return known;
  cache_.erase(digest);
  return refuse(Reason::expired, "expired at " + base::format_rfc3339(known->expires_at));
}

TokenVerifier::Verdict TokenVerifier::verify_anew(std::string_view token, const TextDigest& digest,
                                                  base::WallTime now) const {
  auto parsed = parse_jwt(token);
  if (auto* refusal = std::get_if<TokenRefusal>(&parsed)) return std::move(*refusal);
  const Jwt& jwt = std::get<Jwt>(parsed);
  auto read = parse_token_claims(jwt.claims);
  if (auto* refusal = std::get_if<TokenRefusal>(&read)) return std::move(*refusal);
  const auto& claims = std::get<TokenClaims>(read);

  // The claims are not believed yet: they only choose which issuer's keys must have signed them.
  const auto issuers = keys_->issuers();
  const auto found = issuers->find(claims.issuer);
  if (!found) return refuse_issuer(*issuers, claims);
  auto ruled = apply_rules(claims, found->issuer->tenant_id, rules_, now);
  const JsonWebKey* key = found->issuer->keys.find(jwt.key_id);
  if (key == nullptr) {
    // A token that would be refused anyway is no reason to look for keys.
    if (std::holds_alternative<AccessToken>(ruled)) keys_->report_unknown_key(found->tenant);
    return refuse(Reason::unknown_key, "the issuer has no key " + quote(jwt.key_id));
  }
  if (auto refusal = check_signature(*key, jwt)) return std::move(*refusal);
  if (auto* refusal = std::get_if<TokenRefusal>(&ruled)) return std::move(*refusal);

  auto verified = std::make_shared<const AccessToken>(std::move(std::get<AccessToken>(ruled)));
  cache_.insert(digest, issuers->generation(), verified);
  return verified;
}

}  // namespace spillway::identity
