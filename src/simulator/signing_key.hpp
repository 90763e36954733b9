#pragma once
// One key of the simulated Entra, with the self-signed certificate that goes with it. Its id is, as
// Entra's are, the SHA-1 thumbprint of that certificate.

#include "simulator/signatures.hpp"

#include <string>
#include <string_view>

namespace spillway::simulator {

class SigningKey {
 public:
  /// RSA of 2048 bits, or P-256 for ES256. Takes about 100 ms for RSA.
  explicit SigningKey(SignatureAlgorithm algorithm);

  [[nodiscard]] const std::string& id() const { return id_; }
  /// What it signs with unless told otherwise.
  [[nodiscard]] SignatureAlgorithm algorithm() const { return algorithm_; }
  [[nodiscard]] std::string sign(SignatureAlgorithm algorithm, std::string_view text) const;

  /// The public half: as a JSON web key with kty, use, kid, x5t, the numbers and x5c; and as PEM.
  [[nodiscard]] const std::string& jwk() const { return jwk_; }
  [[nodiscard]] std::string public_pem() const;
  /// The certificate, DER in base64, as in `x5c`.
  [[nodiscard]] const std::string& certificate() const { return certificate_; }

 private:
  SignatureAlgorithm algorithm_;
  KeyHandle key_;
  std::string certificate_;
  std::string id_;
  std::string jwk_;
};

}  // namespace spillway::simulator
