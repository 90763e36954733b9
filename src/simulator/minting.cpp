#include "simulator/minting.hpp"

#include "simulator/base64url.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace spillway::simulator {
namespace {

using nlohmann::ordered_json;

const SigningKey& key_for(const MintRequest& request, KeyRing& keys) {
  if (!request.key_id.empty()) return keys.find(request.key_id);
  if (request.sign_with == SignWith::next_unpublished) return keys.next();
  if (request.sign_with == SignWith::other) return keys.other();
  return keys.current();
}

SignatureAlgorithm algorithm_for(const MintRequest& request, const SigningKey& key) {
  if (request.algorithm.empty()) return key.algorithm();
  const auto known = signature_algorithm_of(request.algorithm);
  if (!known) {
    throw std::invalid_argument("token: algorithm is one of RS256, RS384, RS512, PS256, ES256");
  }
  const bool wants_ec = *known == SignatureAlgorithm::es256;
  const bool is_ec = key.algorithm() == SignatureAlgorithm::es256;
  if (wants_ec != is_ec) throw std::invalid_argument("token: the key cannot sign with that");
  return *known;
}

std::string algorithm_text(const MintRequest& request, const SigningKey& key) {
  if (request.sign_with == SignWith::none) return "none";
  if (request.sign_with == SignWith::hs256_public_key) return "HS256";
  return std::string(name_of(algorithm_for(request, key)));
}

void add_client(const MintRequest& request, ordered_json& claims) {
  const bool is_v1 = request.version == TokenVersion::v1;
  if (!request.client_id.empty()) claims[is_v1 ? "appid" : "azp"] = request.client_id;
  claims[is_v1 ? "appidacr" : "azpacr"] = request.scopes.empty() ? "1" : "0";
  if (is_v1) claims["idp"] = issuer_of("", request.tenant, TokenVersion::v1);
}

void add_user(const MintRequest& request, ordered_json& claims) {
  const bool is_v1 = request.version == TokenVersion::v1;
  constexpr const char* kName = "user@contoso.test";
  claims["name"] = "Sample User";
  claims[is_v1 ? "upn" : "preferred_username"] = kName;
  if (is_v1) claims["unique_name"] = kName;
  claims["scp"] = request.scopes;
}

ordered_json claims_of(const MintRequest& request, const MintPlace& place) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(place.now.time_since_epoch());
  const bool is_v1 = request.version == TokenVersion::v1;
  auto audience = request.audience;
  if (audience.empty())
    audience = is_v1 ? "api://spillway-test" : "44444444-4444-4444-8444-444444444444";
  ordered_json claims{{"aud", audience},
                      {"iss", issuer_of(place.authority, request.tenant, request.version)},
                      {"iat", (seconds + request.issued_at_offset).count()},
                      {"nbf", (seconds + request.not_before_offset).count()},
                      {"exp", (seconds + request.lifetime).count()},
                      {"aio", "k2RgYFj0sample"}};
  add_client(request, claims);
  if (!request.groups.empty()) claims["groups"] = request.groups;
  if (!request.idtyp.empty()) claims["idtyp"] = request.idtyp;
  if (!request.object_id.empty()) claims["oid"] = request.object_id;
  claims["rh"] = "0.sample.";
  if (!request.roles.empty()) claims["roles"] = request.roles;
  if (!request.scopes.empty()) add_user(request, claims);
  if (!request.object_id.empty()) claims["sub"] = request.object_id;
  if (!request.tenant.empty()) claims["tid"] = request.tenant;
  claims["uti"] = place.unique_id;
  claims["ver"] = is_v1 ? "1.0" : "2.0";
  return claims;
}

ordered_json header_of(const MintRequest& request, const SigningKey& key) {
  ordered_json header{{"typ", "JWT"}, {"alg", algorithm_text(request, key)}};
  if (request.version == TokenVersion::v1) header["x5t"] = key.id();
  header["kid"] = key.id();
  if (request.embeds_jwk) header["jwk"] = ordered_json::parse(key.jwk());
  if (request.embeds_x5c) header["x5c"] = ordered_json::array({key.certificate()});
  return header;
}

void change(ordered_json& object, const std::string& changes) {
  if (changes.empty()) return;
  const auto wanted = ordered_json::parse(changes, nullptr, false);
  if (!wanted.is_object()) throw std::invalid_argument("token: claims and header are objects");
  for (const auto& [name, value] : wanted.items()) {
    if (value.is_null()) {
      object.erase(name);
    } else {
      object[name] = value;
    }
  }
}

/// A JSON library does not write a member twice, so these go into the text.
std::string with_raw(const ordered_json& object,
                     const std::vector<std::pair<std::string, std::string>>& members) {
  auto text = object.dump();
  for (const auto& [name, value] : members) {
    text.pop_back();
    if (text.size() > 1) text += ',';
    text += ordered_json(name).dump() + ":" + value + "}";
  }
  return text;
}

std::string signature_for(const MintRequest& request, const SigningKey& key,
                          const std::string& text) {
  if (request.sign_with == SignWith::none) return "";
  if (request.sign_with == SignWith::hs256_public_key) return hmac_sha256(key.public_pem(), text);
  auto signature = key.sign(algorithm_for(request, key), text);
  if (request.sign_with == SignWith::broken) signature[signature.size() / 2] ^= 1;
  return signature;
}

}  // namespace

std::string issuer_of(const std::string& authority, std::string_view tenant, TokenVersion version) {
  const std::string name(tenant);
  if (version == TokenVersion::v1) return "https://sts.windows.net/" + name + "/";
  return authority + "/" + name + "/v2.0";
}

std::string mint(const MintRequest& request, KeyRing& keys, const MintPlace& place) {
  const auto& key = key_for(request, keys);
  auto header = header_of(request, key);
  auto claims = claims_of(request, place);
  change(header, request.header);
  change(claims, request.claims);
  const auto header_text = request.header_text.value_or(with_raw(header, request.raw_header));
  const auto payload = request.payload_text.value_or(with_raw(claims, request.raw_claims));
  const auto text = base64url(header_text) + "." + base64url(payload);
  return text + "." + base64url(signature_for(request, key, text));
}

}  // namespace spillway::simulator
