#include <spillway/base/base64.hpp>
#include <spillway/base/random.hpp>
#include <spillway/base/text.hpp>
#include <spillway/identity/client_assertion.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace spillway::identity {
namespace {

constexpr auto kLifetime = std::chrono::minutes(10);
constexpr int kSaltBytes = 32;       // that of the digest, which is what PS256 means
constexpr int kLeastKeyBits = 2048;  // what Entra takes
constexpr std::size_t kMostCertificates = 16;

template <auto free_object>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    free_object(pointer);
  }
};
using Bytes = std::unique_ptr<BIO, Freed<BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

base::Error wrong(std::string detail) {
  ERR_clear_error();
  return {base::Fault::internal, base::Side::gateway, std::move(detail)};
}

std::string base64url(std::string_view bytes) {
  std::string text = base::to_base64(bytes);
  while (text.ends_with('='))
    text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::string der_of(X509* certificate) {
  unsigned char* bytes = nullptr;
  const int length = i2d_X509(certificate, &bytes);
  if (length <= 0) return {};
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  OPENSSL_free(bytes);
  return der;
}

std::string sha256(std::string_view bytes) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &length,
             EVP_sha256(), nullptr);
  digest.resize(length);
  return digest;
}

Bytes open_bytes(std::string_view pem) {
  return Bytes(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::vector<Certificate> read_certificates(std::string_view pem) {
  std::vector<Certificate> certificates;
  const Bytes bytes = open_bytes(pem);
  while (certificates.size() < kMostCertificates) {
    Certificate next(PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr));
    if (!next) break;
    certificates.push_back(std::move(next));
  }
  ERR_clear_error();  // the end of the file is one
  return certificates;
}

// OpenSSL would ask on the terminal.
int refuse_passphrase(char*, int, int, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

base::Result<Key> read_key(std::string_view pem) {
  const Bytes bytes = open_bytes(pem);
  bool was_asked = false;
  Key key(PEM_read_bio_PrivateKey(bytes.get(), nullptr, refuse_passphrase, &was_asked));
  if (was_asked) return wrong("its private key has a passphrase; write it without one");
  if (!key) return wrong("it holds no private key in PEM");
  if (EVP_PKEY_is_a(key.get(), "RSA") != 1) {
    return wrong("its private key is no RSA key; Entra takes RSA keys only");
  }
  if (EVP_PKEY_get_bits(key.get()) < kLeastKeyBits) {
    return wrong("its RSA key has less than " + std::to_string(kLeastKeyBits) + " bits");
  }
  return key;
}

// The certificate of the key comes first, the rest keep their order.
bool put_own_first(std::vector<Certificate>& certificates, const EVP_PKEY* key) {
  const auto own = std::find_if(
      certificates.begin(), certificates.end(),
      [&](const Certificate& each) { return X509_check_private_key(each.get(), key) == 1; });
  ERR_clear_error();
  if (own == certificates.end()) return false;
  std::rotate(certificates.begin(), own, own + 1);
  return true;
}

std::string header_of(const std::vector<Certificate>& certificates, CertificateChain chain) {
  const std::string own = der_of(certificates.front().get());
  std::string header = R"({"alg":"PS256","typ":"JWT","x5t#S256":")" + base64url(sha256(own)) + "\"";
  if (chain == CertificateChain::sent) {
    header += R"(,"x5c":[)";
    for (const auto& certificate : certificates) {
      if (&certificate != &certificates.front()) header += ",";
      header += "\"" + base::to_base64(der_of(certificate.get())) + "\"";
    }
    header += "]";
  }
  return header + "}";
}

std::string payload_of(const AssertionClaims& claims) {
  const auto seconds = [](base::WallTime time) {
    const auto since_epoch = time.time_since_epoch();
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count());
  };
  const std::string client = base::json_escape(claims.client_id);
  return R"({"aud":")" + base::json_escape(claims.audience) + R"(","exp":)" +
         seconds(claims.now + kLifetime) + R"(,"iss":")" + client + R"(","jti":")" +
         base::json_escape(claims.id) + R"(","nbf":)" + seconds(claims.now) + R"(,"sub":")" +
         client + R"(","iat":)" + seconds(claims.now) + "}";
}

base::Result<std::string> sign(EVP_PKEY* key, std::string_view text) {
  const Digest digest(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;  // the digest's
  const bool is_ready =
      EVP_DigestSignInit(digest.get(), &settings, EVP_sha256(), nullptr, key) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
      EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, kSaltBytes) == 1;
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t length = 0;
  if (!is_ready || EVP_DigestSign(digest.get(), nullptr, &length, data, text.size()) != 1) {
    return wrong("OpenSSL cannot sign with its private key");
  }
  std::string signature(length, '\0');
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  if (EVP_DigestSign(digest.get(), out, &length, data, text.size()) != 1) {
    return wrong("OpenSSL cannot sign with its private key");
  }
  signature.resize(length);
  return signature;
}

}  // namespace

std::string make_uuid() {
  std::random_device device;
  base::Random random((std::uint64_t{device()} << 32U) ^ device());
  std::string bytes(16, '\0');
  for (char& byte : bytes)
    byte = static_cast<char>(random.below(256));
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0FU) | 0x40U);
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3FU) | 0x80U);
  std::string text = base::to_hex(bytes);
  for (const std::size_t dash : {20U, 16U, 12U, 8U})
    text.insert(dash, 1, '-');
  return text;
}

base::Result<base::Secret> make_client_assertion(std::string_view pem, CertificateChain chain,
                                                 const AssertionClaims& claims) {
  const auto key = read_key(pem);
  if (!key) return key.error();
  auto certificates = read_certificates(pem);
  if (certificates.empty()) return wrong("it holds no certificate in PEM");
  if (!put_own_first(certificates, key->get())) {
    return wrong("its private key belongs to none of its certificates");
  }
  std::string text = base64url(header_of(certificates, chain));
  text += "." + base64url(payload_of(claims));
  const auto signature = sign(key->get(), text);
  if (!signature) return signature.error();
  text += "." + base64url(*signature);
  return base::Secret(std::move(text));
}

}  // namespace spillway::identity
