#pragma once
// What an application registers with Entra: a self-signed certificate and its key, as PEM texts.

#include <cstdint>
#include <string>

namespace spillway::test {

enum class KeyKind : std::uint8_t { rsa_2048, rsa_1024, ec_p256 };

struct ApplicationCertificate {
  std::string certificate;
  std::string key;
  std::string encrypted_key;  // with a passphrase

  [[nodiscard]] std::string both() const { return certificate + key; }
};

/// Throws std::runtime_error.
ApplicationCertificate make_application_certificate(KeyKind kind = KeyKind::rsa_2048);

/// Whether `text` was signed so (PS256, raw signature bytes) with the certificate's key.
bool is_signed_with_ps256(const std::string& certificate_pem, const std::string& text,
                          const std::string& signature);

/// SHA-256 of the certificate's DER; 32 bytes.
std::string certificate_sha256(const std::string& certificate_pem);

}  // namespace spillway::test
