#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdexcept>
#include <support/token_signer.hpp>
#include <utility>

namespace spillway::test {
namespace {

constexpr std::size_t kP256NumberBytes = 32;

void expect(bool is_right, const char* what) {
  if (!is_right) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::string digest_sign(EVP_PKEY* key, std::string_view text, const int* salt) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  EVP_PKEY_CTX* options = nullptr;
  expect(EVP_DigestSignInit(context.get(), &options, EVP_sha256(), nullptr, key) == 1, "sign");
  if (salt != nullptr) {
    expect(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1, "padding");
    expect(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, *salt) == 1, "salt");
  }
  std::size_t size = 0;
  expect(EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size()) == 1, "sign");
  std::string signature(size, '\0');
  expect(
      EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(text), text.size()) == 1,
      "sign");
  signature.resize(size);
  return signature;
}

std::string padded(const BIGNUM* number) {
  std::string bytes(kP256NumberBytes, '\0');
  BN_bn2binpad(number, bytes_of(bytes), static_cast<int>(bytes.size()));
  return bytes;
}

}  // namespace

std::string to_base64url(std::string_view bytes) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    unsigned bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = (bits << 8U) | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    for (std::size_t i = 0; i <= group.size(); ++i)
      text.push_back(alphabet[(bits >> (18U - 6U * i)) & 0x3FU]);
  }
  return text;
}

std::string hmac_sha256(std::string_view secret, std::string_view text) {
  std::string mac(32, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text), text.size(),
       bytes_of(mac), &size);
  return mac;
}

TokenSigner::TokenSigner(evp_pkey_st* key) : key_(key, &EVP_PKEY_free) {
  expect(key != nullptr, "no key was made");
}

const TokenSigner& TokenSigner::rsa() {
  static const TokenSigner signer(EVP_RSA_gen(2048));
  return signer;
}

const TokenSigner& TokenSigner::second_rsa() {
  static const TokenSigner signer(EVP_RSA_gen(2048));
  return signer;
}

const TokenSigner& TokenSigner::attackers_rsa() {
  static const TokenSigner signer(EVP_RSA_gen(2048));
  return signer;
}

const TokenSigner& TokenSigner::short_rsa() {
  static const TokenSigner signer(EVP_RSA_gen(1024));
  return signer;
}

const TokenSigner& TokenSigner::ec() {
  static const TokenSigner signer(EVP_EC_gen("P-256"));
  return signer;
}

const TokenSigner& TokenSigner::second_ec() {
  static const TokenSigner signer(EVP_EC_gen("P-256"));
  return signer;
}

bool TokenSigner::is_ec() const {
  return EVP_PKEY_is_a(key_.get(), "EC") == 1;
}

std::string TokenSigner::number(const char* name) const {
  BIGNUM* raw = nullptr;
  expect(EVP_PKEY_get_bn_param(key_.get(), name, &raw) == 1, name);
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> value(raw, &BN_free);
  if (is_ec()) return padded(raw);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(raw)), '\0');
  BN_bn2bin(raw, bytes_of(bytes));
  return bytes;
}

nlohmann::json TokenSigner::jwk(const std::string& key_id, const nlohmann::json& more) const {
  nlohmann::json key = {{"kid", key_id}, {"use", "sig"}};
  if (is_ec()) {
    key.update({{"kty", "EC"}, {"crv", "P-256"}});
    key["x"] = to_base64url(number(OSSL_PKEY_PARAM_EC_PUB_X));
    key["y"] = to_base64url(number(OSSL_PKEY_PARAM_EC_PUB_Y));
  } else {
    key["kty"] = "RSA";
    key["n"] = to_base64url(modulus());
    key["e"] = to_base64url(number(OSSL_PKEY_PARAM_RSA_E));
  }
  key.update(more);
  return key;
}

std::string TokenSigner::sign(std::string_view algorithm, std::string_view text) const {
  if (algorithm == "RS256") return digest_sign(key_.get(), text, nullptr);
  if (algorithm == "PS256") return sign_pss(text, Salt::digest_length);
  if (algorithm != "ES256") return {};
  const std::string der = sign_der(text);
  const unsigned char* at = bytes_of(der);
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), &ECDSA_SIG_free);
  return padded(ECDSA_SIG_get0_r(signature.get())) + padded(ECDSA_SIG_get0_s(signature.get()));
}

std::string TokenSigner::sign_pss(std::string_view text, Salt salt) const {
  const int bytes = static_cast<int>(salt);
  return digest_sign(key_.get(), text, &bytes);
}

std::string TokenSigner::sign_der(std::string_view text) const {
  return digest_sign(key_.get(), text, nullptr);
}

std::string TokenSigner::token_of(std::string_view header, std::string_view claims,
                                  std::string_view algorithm) const {
  const std::string text = to_base64url(header) + "." + to_base64url(claims);
  return text + "." + to_base64url(sign(algorithm, text));
}

std::string TokenSigner::token_of(const nlohmann::json& header,
                                  const nlohmann::json& claims) const {
  return token_of(header.dump(), claims.dump(), header.value("alg", ""));
}

std::string TokenSigner::public_pem() const {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
  expect(PEM_write_bio_PUBKEY(memory.get(), key_.get()) == 1, "PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string TokenSigner::public_der() const {
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &bytes);
  expect(size > 0, "DER");
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

std::string TokenSigner::modulus() const {
  return number(OSSL_PKEY_PARAM_RSA_N);
}

}  // namespace spillway::test
