#include "simulator/issuer.hpp"

#include <nlohmann/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <stdexcept>

namespace spillway::simulator {
namespace {

using nlohmann::json;

std::string base64url(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                      reinterpret_cast<const unsigned char*>(bytes.data()),
                                      static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.erase(std::find(text.begin(), text.end(), '='), text.end());
  return text;
}

std::string number_bytes(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) {
    throw std::runtime_error("spillway-sim: OpenSSL does not give the key's numbers");
  }
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(number);
  return bytes;
}

std::string sha256(const std::string& bytes) {
  std::string digest(32, '\0');
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &length,
             EVP_sha256(), nullptr);
  return digest;
}

std::string sign(EVP_PKEY* key, const std::string& text) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
  std::string signature(size, '\0');
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes, text.size()) != 1) {
    throw std::runtime_error("spillway-sim: OpenSSL does not sign the token");
  }
  signature.resize(size);
  return signature;
}

std::int64_t seconds_of(Issuer::WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

struct Issuer::Key {
  Key() : pkey(EVP_RSA_gen(2048)) {
    if (pkey == nullptr) throw std::runtime_error("spillway-sim: OpenSSL does not make an RSA key");
    modulus = number_bytes(pkey, OSSL_PKEY_PARAM_RSA_N);
    exponent = number_bytes(pkey, OSSL_PKEY_PARAM_RSA_E);
    id = base64url(sha256(modulus)).substr(0, 27);
  }
  ~Key() { EVP_PKEY_free(pkey); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  EVP_PKEY* pkey;
  std::string modulus;
  std::string exponent;
  std::string id;
};

Issuer::Issuer() = default;
Issuer::~Issuer() = default;

void Issuer::rotate_key() {
  keys_.push_back(std::make_unique<Key>());
}

std::string Issuer::issue(const TokenRequest& request, WallTime now) {
  if (keys_.empty()) rotate_key();
  const auto& key = *keys_.back();
  const json header{{"typ", "JWT"}, {"alg", "RS256"}, {"kid", key.id}};
  json claims{{"aud", request.audience},
              {"iss", authority_ + "/" + request.tenant + "/v2.0"},
              {"iat", seconds_of(now)},
              {"nbf", seconds_of(now) - 300},
              {"exp", seconds_of(now + request.lifetime)},
              {"azp", request.client_id},
              {"azpacr", "1"},
              {"oid", request.object_id},
              {"sub", request.object_id},
              {"tid", request.tenant},
              {"uti", "sim-" + std::to_string(++issued_count_)},
              {"ver", "2.0"}};
  if (!request.roles.empty()) claims["roles"] = request.roles;
  if (!request.groups.empty()) claims["groups"] = request.groups;
  if (!request.scopes.empty()) claims["scp"] = request.scopes;
  const auto text = base64url(header.dump()) + "." + base64url(claims.dump());
  auto token = text + "." + base64url(sign(key.pkey, text));
  std::erase_if(issued_, [now](const auto& entry) { return entry.second.expires_at <= now; });
  issued_[token] = {request.audience, now + request.lifetime};
  return token;
}

bool Issuer::accepts(std::string_view token, const std::vector<std::string>& audiences,
                     WallTime now) const {
  const auto found = issued_.find(token);
  if (found == issued_.end() || found->second.expires_at <= now) return false;
  auto audience = found->second.audience;
  if (audience.ends_with("/")) audience.pop_back();
  return std::find(audiences.begin(), audiences.end(), audience) != audiences.end();
}

std::string Issuer::key_set(std::string_view tenant) {
  if (keys_.empty()) rotate_key();
  json keys = json::array();
  for (const auto& key : keys_) {
    keys.push_back({{"kty", "RSA"},
                    {"use", "sig"},
                    {"kid", key->id},
                    {"n", base64url(key->modulus)},
                    {"e", base64url(key->exponent)},
                    {"issuer", authority_ + "/" + std::string(tenant) + "/v2.0"}});
  }
  return json{{"keys", keys}}.dump();
}

std::string Issuer::discovery(std::string_view tenant) const {
  const std::string base = authority_ + "/" + std::string(tenant);
  const json document{{"token_endpoint", base + "/oauth2/v2.0/token"},
                      {"jwks_uri", base + "/discovery/v2.0/keys"},
                      {"issuer", base + "/v2.0"},
                      {"id_token_signing_alg_values_supported", {"RS256"}},
                      {"subject_types_supported", {"pairwise"}},
                      {"response_types_supported", {"code", "id_token"}},
                      {"scopes_supported", {"openid", "profile", "email", "offline_access"}},
                      {"token_endpoint_auth_methods_supported",
                       {"client_secret_post", "private_key_jwt", "client_secret_basic"}},
                      {"cloud_instance_name", "microsoftonline.com"}};
  return document.dump();
}

}  // namespace spillway::simulator
