#include <stdexcept>
#include <support/entra_world.hpp>
#include <utility>

namespace spillway::test {
namespace {

using identity::TokenVersion;
using nlohmann::json;

json usable_v2_keys() {
  const json owner = {{"issuer", v2_issuer()}};
  const json template_owner = {{"issuer", kAuthority + "/{tenantid}/v2.0"}};
  return json::array({TokenSigner::rsa().jwk("K1", owner),
                      TokenSigner::second_rsa().jwk("K2", template_owner),
                      TokenSigner::ec().jwk("E1"), TokenSigner::rsa().jwk("P1", {{"alg", "PS256"}}),
                      TokenSigner::second_rsa().jwk("R1", {{"alg", "RS256"}})});
}

// Each would make an attack work if it were taken.
json unusable_v2_keys() {
  const std::string strangers = v2_issuer(kStrangersTenant);
  return json::array({TokenSigner::rsa().jwk("ENC", {{"use", "enc"}}),
                      TokenSigner::rsa().jwk("STRANGER", {{"issuer", strangers}}),
                      TokenSigner::short_rsa().jwk("SHORT"),
                      TokenSigner::rsa().jwk("OAEP", {{"alg", "RSA-OAEP"}}),
                      TokenSigner::rsa().jwk("TWICE"),
                      TokenSigner::attackers_rsa().jwk("TWICE"),
                      {{"kty", "oct"},
                       {"kid", "OCT"},
                       {"use", "sig"},
                       {"k", to_base64url("a shared secret of 32 bytes ....")}}});
}

}  // namespace

std::string v1_issuer(const std::string& tenant) {
  return "https://sts.windows.net/" + tenant + "/";
}

std::string v2_issuer(const std::string& tenant) {
  return kAuthority + "/" + tenant + "/v2.0";
}

std::shared_ptr<const identity::TokenIssuer> issuer_of(const std::string& issuer,
                                                       const std::string& tenant,
                                                       const json& keys) {
  const std::string text = json({{"keys", keys}}).dump();
  auto parsed = identity::JsonWebKeySet::parse(text, {issuer, tenant});
  if (!parsed) throw std::runtime_error(parsed.error().detail());
  auto made = std::make_shared<identity::TokenIssuer>();
  made->issuer = issuer;
  made->tenant_id = tenant;
  made->keys = std::move(*parsed);
  made->digest = identity::digest_of(text);
  return made;
}

std::shared_ptr<const identity::TokenIssuer> v2_issuer_of(const json& keys) {
  return issuer_of(v2_issuer(), kTenant, keys);
}

json header(const std::string& algorithm, const std::string& key_id) {
  return {{"typ", "JWT"}, {"alg", algorithm}, {"kid", key_id}};
}

json claims(const json& changes) {
  json right = {{"aud", kAudience},
                {"iss", v2_issuer()},
                {"iat", kEntraNow - 600},
                {"nbf", kEntraNow - 600},
                {"exp", kEntraNow + 3000},
                {"azp", kAppId},
                {"azpacr", "1"},
                {"oid", "55555555-5555-4555-8555-555555555555"},
                {"roles", json::array({"Gateway.Invoke"})},
                {"sub", "subject"},
                {"tid", kTenant},
                {"ver", "2.0"}};
  right.update(changes);
  return right;
}

json claims_without(const std::string& name) {
  json most = claims();
  most.erase(name);
  return most;
}

json v1_claims(const json& changes) {
  json right = claims_without("azp");
  right.update({{"iss", v1_issuer()}, {"aud", kUriAudience}, {"appid", kAppId}, {"ver", "1.0"}});
  right.update(changes);
  return right;
}

EntraWorld::EntraWorld() {
  entra.tenants = {kTenant, kOtherTenant};
  entra.audiences = {kAudience, kUriAudience};
  keys = std::make_shared<identity::EntraKeys>(entra);
  json all = usable_v2_keys();
  for (const json& key : unusable_v2_keys())
    all.push_back(key);
  keys->publish(0, TokenVersion::v2, v2_issuer_of(all));
  const json v1_keys =
      json::array({TokenSigner::rsa().jwk("K1"), TokenSigner::second_rsa().jwk("V1")});
  keys->publish(0, TokenVersion::v1, issuer_of(v1_issuer(), kTenant, v1_keys));
  const json other_keys = json::array({TokenSigner::second_rsa().jwk("T2")});
  keys->publish(1, TokenVersion::v2, issuer_of(v2_issuer(kOtherTenant), kOtherTenant, other_keys));
  verifier = std::make_unique<identity::TokenVerifier>(entra, keys, clock);
}

}  // namespace spillway::test
