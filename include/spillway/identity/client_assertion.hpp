#pragma once
// The signed statement by which an application with a certificate proves itself to Entra instead of
// with a secret (wire reference §7.1): a JWT by PS256, named by the certificate's SHA-256.

#include <spillway/base/result.hpp>
#include <spillway/base/secret.hpp>
#include <spillway/base/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::identity {

enum class CertificateChain : std::uint8_t { left_out, sent };  // x5c

struct AssertionClaims {
  std::string audience;   // the token endpoint's URL
  std::string client_id;  // iss and sub
  std::string id;         // jti: a new one each time
  base::WallTime now;     // nbf and iat; it expires ten minutes later
};

/// A random UUID (RFC 9562, version 4): it has to be new, not secret.
std::string make_uuid();

/// `pem`: certificates and one RSA private key without a passphrase, in any order. The certificate
/// the key belongs to is the application's, the others are its chain. Errors: Fault::internal, with
/// what is wrong with the PEM: no certificate, no key, an encrypted one, another kind, too small,
/// or of another certificate.
base::Result<base::Secret> make_client_assertion(std::string_view pem, CertificateChain chain,
                                                 const AssertionClaims& claims);

}  // namespace spillway::identity
