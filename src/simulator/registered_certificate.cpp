#include "simulator/registered_certificate.hpp"

#include "simulator/base64url.hpp"

#include <openssl/pem.h>

namespace spillway::simulator {

RegisteredCertificate RegisteredCertificate::read(const std::string& file) {
  const MemoryFile in(BIO_new_file(file.c_str(), "r"));
  if (!in) throw std::runtime_error("spillway-sim: " + file + ": cannot be read");
  const X509Certificate certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  if (!certificate) throw std::runtime_error("spillway-sim: " + file + ": no certificate in it");
  std::string der(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate.get(), &out);
  KeyHandle key(X509_get_pubkey(certificate.get()));
  if (!key) throw std::runtime_error("spillway-sim: " + file + ": a key of unknown kind");
  return {std::move(der), std::move(key)};
}

std::string RegisteredCertificate::thumbprint_sha1() const {
  return base64url(sha1(der_));
}

std::string RegisteredCertificate::thumbprint_sha256() const {
  return base64url(sha256(der_));
}

std::string RegisteredCertificate::base64_der() const {
  return base64(der_);
}

Authenticity RegisteredCertificate::check(SignatureAlgorithm algorithm, std::string_view text,
                                          std::string_view signature) const {
  return check_signature(key_.get(), algorithm, text, signature);
}

}  // namespace spillway::simulator
