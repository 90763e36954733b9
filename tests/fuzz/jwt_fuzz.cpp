// Any bytes as a token, and as a token's header and claims: nothing crashes, bounds hold, and what
// is accepted is what it was taken for.

#include <spillway/identity/base64url.hpp>
#include <spillway/identity/jwt.hpp>
#include <spillway/identity/token_claims.hpp>
#include <spillway/identity/token_rules.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <support/token_signer.hpp>

namespace {

using namespace spillway;
using namespace spillway::identity;

void check(bool holds) {
  if (!holds) std::abort();
}

void check_detail(const TokenRefusal& refusal) {
  check(!refusal.detail.empty() && refusal.detail.size() <= 1024);
  for (const char c : refusal.detail)
    check(static_cast<unsigned char>(c) >= 0x20);
  check(!name_of(refusal.reason).empty());
}

void check_claims(std::string_view json) {
  const auto read = parse_token_claims(json);
  if (const auto* refusal = std::get_if<TokenRefusal>(&read)) return check_detail(*refusal);
  const auto& claims = std::get<TokenClaims>(read);
  check(json.find('\0') == std::string_view::npos);
  check(claims.expires_at.time_since_epoch().count() >= 0);
  check(claims.are_groups_known || claims.groups.empty());
  const TokenRules rules{{"api://a"}, std::chrono::minutes(5)};
  const base::WallTime now{std::chrono::hours(24 * 365 * 56)};
  const auto ruled = apply_rules(claims, claims.tenant_id, rules, now);
  if (const auto* refusal = std::get_if<TokenRefusal>(&ruled)) return check_detail(*refusal);
  check(claims.audience == "api://a");
  check(!is_expired(claims.expires_at, rules.leeway, now));
}

void check_token(std::string_view token) {
  const auto parsed = parse_jwt(token);
  if (const auto* refusal = std::get_if<TokenRefusal>(&parsed)) return check_detail(*refusal);
  const Jwt& jwt = std::get<Jwt>(parsed);
  check(token.size() <= kMaxJwtBytes);
  check(!jwt.key_id.empty() && jwt.key_id.size() <= kMaxJwtKeyIdBytes);
  check(!jwt.signature.empty());
  // There is one text for these bytes: nobody can vary a token that was accepted.
  const std::string again = std::string(jwt.signed_part) + "." + test::to_base64url(jwt.signature);
  check(again == token);
  check_claims(jwt.claims);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_token(text);
  check_claims(text);
  // As the header of a token that is right else.
  check_token(test::to_base64url(text) + ".e30.AAAA");
  const auto bytes = decode_base64url(text);
  if (bytes) check(test::to_base64url(*bytes) == text);
  return 0;
}
