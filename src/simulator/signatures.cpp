#include "simulator/signatures.hpp"

#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

namespace spillway::simulator {
namespace {

using EcSignature = std::unique_ptr<ECDSA_SIG, FreedBy<ECDSA_SIG_free>>;

constexpr std::array<std::pair<SignatureAlgorithm, std::string_view>, 5> kAlgorithmNames{{
    {SignatureAlgorithm::rs256, "RS256"},
    {SignatureAlgorithm::rs384, "RS384"},
    {SignatureAlgorithm::rs512, "RS512"},
    {SignatureAlgorithm::ps256, "PS256"},
    {SignatureAlgorithm::es256, "ES256"},
}};
constexpr int kEcNumberBytes = 32;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

const EVP_MD* digest_of(SignatureAlgorithm algorithm) {
  if (algorithm == SignatureAlgorithm::rs384) return EVP_sha384();
  if (algorithm == SignatureAlgorithm::rs512) return EVP_sha512();
  return EVP_sha256();
}

bool fits(EVP_PKEY* key, SignatureAlgorithm algorithm) {
  return EVP_PKEY_is_a(key, algorithm == SignatureAlgorithm::es256 ? "EC" : "RSA") == 1;
}

/// The salt of PS256 is as long as its digest.
int set_padding(EVP_PKEY_CTX* context, SignatureAlgorithm algorithm) {
  if (algorithm != SignatureAlgorithm::ps256) return 1;
  if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) != 1) return 0;
  return EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST);
}

/// OpenSSL writes two numbers in DER; tokens carry them as 64 plain bytes.
std::string plain_numbers(const std::string& der) {
  const auto* start = bytes_of(std::string_view(der));
  const EcSignature numbers(d2i_ECDSA_SIG(nullptr, &start, static_cast<long>(der.size())));
  std::string plain(std::size_t{2} * kEcNumberBytes, '\0');
  if (!numbers ||
      BN_bn2binpad(ECDSA_SIG_get0_r(numbers.get()), bytes_of(plain), kEcNumberBytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(numbers.get()), bytes_of(plain) + kEcNumberBytes,
                   kEcNumberBytes) < 0) {
    openssl_failed("rewriting an ECDSA signature");
  }
  return plain;
}

std::string der_of(std::string_view plain) {
  if (plain.size() != std::size_t{2} * kEcNumberBytes) return {};
  const EcSignature numbers(ECDSA_SIG_new());
  BigNumber r(BN_bin2bn(bytes_of(plain), kEcNumberBytes, nullptr));
  BigNumber s(BN_bin2bn(bytes_of(plain) + kEcNumberBytes, kEcNumberBytes, nullptr));
  if (!numbers || ECDSA_SIG_set0(numbers.get(), r.get(), s.get()) != 1) {
    openssl_failed("reading an ECDSA signature");
  }
  // The signature owns its numbers from here on.
  [[maybe_unused]] const auto* owned = r.release();
  owned = s.release();
  const auto length = i2d_ECDSA_SIG(numbers.get(), nullptr);
  std::string der(static_cast<std::size_t>(length), '\0');
  auto* out = bytes_of(der);
  i2d_ECDSA_SIG(numbers.get(), &out);
  return der;
}

std::string digest(const EVP_MD* kind, std::string_view bytes) {
  std::string value(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), bytes_of(value), &length, kind, nullptr);
  value.resize(length);
  return value;
}

}  // namespace

std::string_view name_of(SignatureAlgorithm algorithm) {
  for (const auto& [value, name] : kAlgorithmNames) {
    if (value == algorithm) return name;
  }
  return "unknown";
}

std::optional<SignatureAlgorithm> signature_algorithm_of(std::string_view name) {
  for (const auto& [value, known] : kAlgorithmNames) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::string sign(EVP_PKEY* key, SignatureAlgorithm algorithm, std::string_view text) {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* details = nullptr;
  auto size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
  std::string signature(size, '\0');
  if (!fits(key, algorithm) ||
      EVP_DigestSignInit(context.get(), &details, digest_of(algorithm), nullptr, key) != 1 ||
      set_padding(details, algorithm) != 1 ||
      EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(text), text.size()) != 1) {
    openssl_failed("signing a token with " + std::string(name_of(algorithm)));
  }
  signature.resize(size);
  return algorithm == SignatureAlgorithm::es256 ? plain_numbers(signature) : signature;
}

Authenticity check_signature(EVP_PKEY* key, SignatureAlgorithm algorithm, std::string_view text,
                             std::string_view signature) {
  if (!fits(key, algorithm)) return Authenticity::forged;
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* details = nullptr;
  if (EVP_DigestVerifyInit(context.get(), &details, digest_of(algorithm), nullptr, key) != 1 ||
      set_padding(details, algorithm) != 1) {
    openssl_failed("preparing to check a signature");
  }
  const auto der = algorithm == SignatureAlgorithm::es256 ? der_of(signature) : std::string();
  if (algorithm == SignatureAlgorithm::es256) signature = der;
  const auto result = EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                                       bytes_of(text), text.size());
  return result == 1 ? Authenticity::genuine : Authenticity::forged;
}

std::string hmac_sha256(std::string_view secret, std::string_view text) {
  std::string code(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text), text.size(),
       bytes_of(code), &length);
  code.resize(length);
  return code;
}

std::string sha1(std::string_view bytes) {
  return digest(EVP_sha1(), bytes);
}

std::string sha256(std::string_view bytes) {
  return digest(EVP_sha256(), bytes);
}

}  // namespace spillway::simulator
