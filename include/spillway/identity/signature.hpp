#pragma once
// Whether a token's signature was made by a key (RFC 7518 §3): the key decides what is possible,
// the token's `alg` only chooses within it.

#include <spillway/identity/access_token.hpp>
#include <spillway/identity/json_web_key_set.hpp>
#include <spillway/identity/jwt.hpp>

#include <optional>

namespace spillway::identity {

/// Nothing: it was. RS256 is PKCS #1 v1.5 and PS256 is PSS with a salt of 32 bytes, both by RSA
/// keys only; ES256 is 64 bytes of r and s, by P-256 keys only; a key that names an algorithm does
/// no other. Any thread. Refusals: wrong_key, bad_signature.
std::optional<TokenRefusal> check_signature(const JsonWebKey& key, const Jwt& jwt);

}  // namespace spillway::identity
