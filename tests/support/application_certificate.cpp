#include "support/application_certificate.hpp"

#include "support/freed.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>

namespace spillway::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Bytes = std::unique_ptr<BIO, Freed<BIO_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

void require(bool is_done, const char* what) {
  if (!is_done) throw std::runtime_error(std::string("application certificate: ") + what);
}

Key make_key(KeyKind kind) {
  Key key(kind == KeyKind::ec_p256 ? EVP_EC_gen("P-256")
                                   : EVP_RSA_gen(kind == KeyKind::rsa_1024 ? 1024U : 2048U));
  require(key != nullptr, "making a key");
  return key;
}

Certificate make_certificate(EVP_PKEY* key) {
  constexpr long kDay = 86'400;
  Certificate certificate(X509_new());
  require(certificate != nullptr, "making a certificate");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDay);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("spillway-test-app"), -1, -1,
                             0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key);
  require(X509_sign(certificate.get(), key, EVP_sha256()) > 0, "signing");
  return certificate;
}

std::string content_of(BIO* bytes) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bytes, &data);
  return {data, static_cast<std::size_t>(length)};
}

std::string key_text(EVP_PKEY* key, const char* passphrase) {
  const Bytes bytes(BIO_new(BIO_s_mem()));
  const EVP_CIPHER* cipher = passphrase == nullptr ? nullptr : EVP_aes_256_cbc();
  const auto* phrase = reinterpret_cast<const unsigned char*>(passphrase);
  const int length = passphrase == nullptr ? 0 : 6;
  require(PEM_write_bio_PrivateKey(bytes.get(), key, cipher, phrase, length, nullptr, nullptr) == 1,
          "writing a key");
  return content_of(bytes.get());
}

Certificate read(const std::string& pem) {
  const Bytes bytes(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Certificate certificate(PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr));
  require(certificate != nullptr, "reading a certificate");
  return certificate;
}

}  // namespace

ApplicationCertificate make_application_certificate(KeyKind kind) {
  const Key key = make_key(kind);
  const Certificate certificate = make_certificate(key.get());
  const Bytes bytes(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(bytes.get(), certificate.get()) == 1, "writing");
  return {content_of(bytes.get()), key_text(key.get(), nullptr), key_text(key.get(), "secret")};
}

bool is_signed_with_ps256(const std::string& certificate_pem, const std::string& text,
                          const std::string& signature) {
  const Certificate certificate = read(certificate_pem);
  const Digest digest(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;
  EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  return EVP_DigestVerifyInit(digest.get(), &settings, EVP_sha256(), nullptr, key) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1 &&
         EVP_DigestVerify(digest.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

std::string certificate_sha256(const std::string& certificate_pem) {
  const Certificate certificate = read(certificate_pem);
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  X509_digest(certificate.get(), EVP_sha256(), reinterpret_cast<unsigned char*>(digest.data()),
              &length);
  digest.resize(length);
  return digest;
}

}  // namespace spillway::test
