#include "support/certificates.hpp"

#include "support/freed.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <stdlib.h>

namespace spillway::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using File = std::unique_ptr<std::FILE, Freed<std::fclose>>;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("test certificates: " + what + " failed");
}

Key make_key(CertificateKind::Key kind) {
  using Kind = CertificateKind::Key;
  Key key(kind == Kind::ec ? EVP_EC_gen("P-256") : EVP_RSA_gen(kind == Kind::rsa ? 2048U : 1024U));
  if (!key) fail("making a key");
  return key;
}

struct Signer {
  X509* certificate;
  EVP_PKEY* key;
};

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) fail("adding " + value);
}

constexpr long kHour = 3'600;

void set_validity(X509* certificate, long from, long until) {
  X509_gmtime_adj(X509_getm_notBefore(certificate), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), until);
}

/// Without a signature yet.
Certificate make_certificate(const char* common_name, EVP_PKEY* key, long serial) {
  Certificate certificate(X509_new());
  if (!certificate) fail("making a certificate");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  set_validity(certificate.get(), -kHour, 24 * kHour);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

void sign(X509* certificate, const Signer& signer) {
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate));
  if (X509_sign(certificate, signer.key, EVP_sha256()) == 0) fail("signing");
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    unsigned char address[16];
    const bool is_address = inet_pton(AF_INET, name.c_str(), address) == 1 ||
                            inet_pton(AF_INET6, name.c_str(), address) == 1;
    text += (text.empty() ? "" : ",") + std::string(is_address ? "IP:" : "DNS:") + name;
  }
  return text;
}

File open_file(const std::string& path) {
  File file(std::fopen(path.c_str(), "w"));
  if (!file) fail("writing " + path);
  return file;
}

void write_certificate(const std::string& path, X509* certificate) {
  PEM_write_X509(open_file(path).get(), certificate);
}

void write_key(const std::string& path, EVP_PKEY* key) {
  PEM_write_PrivateKey(open_file(path).get(), key, nullptr, nullptr, 0, nullptr, nullptr);
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  auto pattern = (std::filesystem::temp_directory_path() / "spillway-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) fail("making a directory like " + pattern);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Certificates::Certificates(const std::vector<std::string>& names, const CertificateKind& kind) {
  const bool is_over = kind.validity == CertificateKind::Validity::over;
  const auto ca_key = make_key(CertificateKind::Key::ec);
  const auto ca = make_certificate("Spillway Test CA", ca_key.get(), 1);
  const Signer signer{ca.get(), ca_key.get()};
  set_validity(ca.get(), -240 * kHour, 24 * kHour);
  add_extension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  sign(ca.get(), signer);

  const auto key = make_key(kind.key);
  const auto certificate = make_certificate("spillway-test-server", key.get(), 2);
  if (is_over) set_validity(certificate.get(), -72 * kHour, -24 * kHour);
  if (!names.empty()) {
    add_extension(certificate.get(), ca.get(), NID_subject_alt_name, alternative_names(names));
  }
  add_extension(certificate.get(), ca.get(), NID_ext_key_usage, "serverAuth");
  const bool is_own_signer = kind.signer == CertificateKind::Signer::itself;
  sign(certificate.get(), is_own_signer ? Signer{certificate.get(), key.get()} : signer);

  const auto client_key = make_key(CertificateKind::Key::ec);
  const auto client = make_certificate("spillway-test-client", client_key.get(), 3);
  if (is_over) set_validity(client.get(), -72 * kHour, -24 * kHour);
  add_extension(client.get(), ca.get(), NID_ext_key_usage, "clientAuth");
  sign(client.get(), signer);

  write_certificate(ca_file(), ca.get());
  write_certificate(certificate_file(), certificate.get());
  write_key(private_key_file(), key.get());
  write_certificate(client_certificate_file(), client.get());
  write_key(client_key_file(), client_key.get());
}

}  // namespace spillway::test
