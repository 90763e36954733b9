#pragma once
// The signature algorithms of JSON web tokens (RFC 7518), made and checked. Pure.

#include "simulator/openssl_handles.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace spillway::simulator {

enum class SignatureAlgorithm { rs256, rs384, rs512, ps256, es256 };

/// `RS256` and so on, as in the header field `alg`.
std::string_view name_of(SignatureAlgorithm algorithm);
std::optional<SignatureAlgorithm> signature_algorithm_of(std::string_view name);

/// Throws std::runtime_error if OpenSSL fails, as with a key of the wrong kind.
std::string sign(EVP_PKEY* key, SignatureAlgorithm algorithm, std::string_view text);

enum class Authenticity { genuine, forged };
Authenticity check_signature(EVP_PKEY* key, SignatureAlgorithm algorithm, std::string_view text,
                             std::string_view signature);

/// HS256.
std::string hmac_sha256(std::string_view secret, std::string_view text);

std::string sha1(std::string_view bytes);
std::string sha256(std::string_view bytes);

}  // namespace spillway::simulator
