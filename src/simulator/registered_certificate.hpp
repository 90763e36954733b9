#pragma once
// A certificate that an application has registered with Entra: its thumbprints and its public key.

#include "simulator/signatures.hpp"

#include <string>
#include <string_view>

namespace spillway::simulator {

class RegisteredCertificate {
 public:
  /// The first certificate of a PEM file. Throws std::runtime_error naming the file.
  static RegisteredCertificate read(const std::string& file);

  /// Base64url of the digest of the DER form, as in `x5t` and `x5t#S256`.
  [[nodiscard]] std::string thumbprint_sha1() const;
  [[nodiscard]] std::string thumbprint_sha256() const;
  /// As in `x5c`.
  [[nodiscard]] std::string base64_der() const;
  [[nodiscard]] Authenticity check(SignatureAlgorithm algorithm, std::string_view text,
                                   std::string_view signature) const;

 private:
  RegisteredCertificate(std::string der, KeyHandle key)
      : der_(std::move(der)), key_(std::move(key)) {}

  std::string der_;
  KeyHandle key_;
};

}  // namespace spillway::simulator
