#include "refuse.hpp"
#include <spillway/identity/signature.hpp>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>

namespace spillway::identity {
namespace {

using Reason = TokenRefusal::Reason;

constexpr std::size_t kP256HalfBytes = 32;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

struct EcdsaSignatureFree {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
struct SignatureNumberFree {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
struct DigestContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// OpenSSL takes DER, JOSE writes r and s side by side. Empty: not 64 bytes.
std::string der_of(std::string_view raw) {
  if (raw.size() != 2 * kP256HalfBytes) return {};
  const std::unique_ptr<ECDSA_SIG, EcdsaSignatureFree> signature(ECDSA_SIG_new());
  std::unique_ptr<BIGNUM, SignatureNumberFree> r(
      BN_bin2bn(bytes_of(raw), static_cast<int>(kP256HalfBytes), nullptr));
  std::unique_ptr<BIGNUM, SignatureNumberFree> s(
      BN_bin2bn(bytes_of(raw) + kP256HalfBytes, static_cast<int>(kP256HalfBytes), nullptr));
  if (!signature || !r || !s) return {};
  // The signature owns them from here on; it fails for null only.
  ECDSA_SIG_set0(signature.get(), r.release(), s.release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

bool use_pss(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

bool is_made_by(EVP_PKEY* key, const Jwt& jwt) {
  const bool is_es256 = jwt.algorithm == SignatureAlgorithm::es256;
  const std::string der = is_es256 ? der_of(jwt.signature) : std::string();
  const std::string_view signature = is_es256 ? std::string_view(der) : jwt.signature;
  const std::unique_ptr<EVP_MD_CTX, DigestContextFree> context(EVP_MD_CTX_new());
  if (!context || signature.empty()) return false;
  EVP_PKEY_CTX* options = nullptr;  // the context's
  if (EVP_DigestVerifyInit(context.get(), &options, EVP_sha256(), nullptr, key) != 1) return false;
  if (jwt.algorithm == SignatureAlgorithm::ps256 && !use_pss(options)) return false;
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                          bytes_of(jwt.signed_part), jwt.signed_part.size()) == 1;
}

bool can_make(const JsonWebKey& key, SignatureAlgorithm algorithm) {
  if (key.algorithm && *key.algorithm != algorithm) return false;
  const bool is_for_ec = algorithm == SignatureAlgorithm::es256;
  return is_for_ec == (key.type == JsonWebKey::Type::ec_p256);
}

}  // namespace

std::optional<TokenRefusal> check_signature(const JsonWebKey& key, const Jwt& jwt) {
  if (!can_make(key, jwt.algorithm)) {
    return refuse(Reason::wrong_key, "the key " + quote(key.key_id) + " is not for " +
                                         std::string(name_of(jwt.algorithm)));
  }
  const bool is_right = is_made_by(key.public_key.get(), jwt);
  ERR_clear_error();  // or the next user of this thread's OpenSSL would find it
  if (is_right) return std::nullopt;
  return refuse(Reason::bad_signature, "the signature is not that of key " + quote(key.key_id));
}

}  // namespace spillway::identity
