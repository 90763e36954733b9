#include "simulator/signing_key.hpp"

#include "simulator/base64url.hpp"

#include <nlohmann/json.hpp>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace spillway::simulator {
namespace {

using nlohmann::ordered_json;

constexpr long kHundredYears = 100L * 365 * 24 * 3'600;

KeyHandle generate(SignatureAlgorithm algorithm) {
  KeyHandle key(algorithm == SignatureAlgorithm::es256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048));
  if (!key) openssl_failed("making a key");
  return key;
}

/// Self-signed, DER.
std::string certificate_for(EVP_PKEY* key) {
  const X509Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3'600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kHundredYears);
  auto* name = X509_get_subject_name(certificate.get());
  const auto* common_name = reinterpret_cast<const unsigned char*>("accounts.spillway-sim.test");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key);
  if (X509_sign(certificate.get(), key, EVP_sha256()) == 0) openssl_failed("signing a certificate");
  std::string der(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate.get(), &out);
  return der;
}

std::string number_of(EVP_PKEY* key, const char* name) {
  BIGNUM* found = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &found) != 1) openssl_failed("reading a key's numbers");
  const BigNumber number(found);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

/// EC coordinates have a fixed length, leading zeros included.
std::string coordinate_of(EVP_PKEY* key, const char* name) {
  auto bytes = number_of(key, name);
  return std::string(32 - bytes.size(), '\0') + bytes;
}

std::string jwk_of(EVP_PKEY* key, SignatureAlgorithm algorithm, const std::string& id,
                   const std::string& certificate) {
  const bool is_ec = algorithm == SignatureAlgorithm::es256;
  ordered_json jwk{{"kty", is_ec ? "EC" : "RSA"}, {"use", "sig"}, {"kid", id}, {"x5t", id}};
  if (is_ec) {
    jwk["crv"] = "P-256";
    jwk["x"] = base64url(coordinate_of(key, OSSL_PKEY_PARAM_EC_PUB_X));
    jwk["y"] = base64url(coordinate_of(key, OSSL_PKEY_PARAM_EC_PUB_Y));
  } else {
    jwk["n"] = base64url(number_of(key, OSSL_PKEY_PARAM_RSA_N));
    jwk["e"] = base64url(number_of(key, OSSL_PKEY_PARAM_RSA_E));
  }
  // Entra's RS256 keys do not say so.
  if (algorithm != SignatureAlgorithm::rs256) jwk["alg"] = name_of(algorithm);
  jwk["x5c"] = ordered_json::array({certificate});
  return jwk.dump();
}

}  // namespace

SigningKey::SigningKey(SignatureAlgorithm algorithm)
    : algorithm_(algorithm), key_(generate(algorithm)) {
  const auto der = certificate_for(key_.get());
  certificate_ = base64(der);
  id_ = base64url(sha1(der));
  jwk_ = jwk_of(key_.get(), algorithm_, id_, certificate_);
}

std::string SigningKey::sign(SignatureAlgorithm algorithm, std::string_view text) const {
  return simulator::sign(key_.get(), algorithm, text);
}

std::string SigningKey::public_pem() const {
  const MemoryFile file(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PUBKEY(file.get(), key_.get()) != 1) openssl_failed("writing a public key");
  char* start = nullptr;
  const auto length = BIO_get_mem_data(file.get(), &start);
  return {start, static_cast<std::size_t>(length)};
}

}  // namespace spillway::simulator
