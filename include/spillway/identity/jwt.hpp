#pragma once
// A signed JSON web token (RFC 7515, 7519) taken apart, strictly, before anybody believes it. Its
// header chooses an algorithm among three and names a key; whatever else it offers (jwk, jku, x5u,
// x5c) is not looked at.

#include <spillway/identity/access_token.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace spillway::identity {

/// All there are: an HMAC or "none" cannot be said in this type.
enum class SignatureAlgorithm : std::uint8_t { rs256, ps256, es256 };

/// Exactly "RS256", "PS256" or "ES256"; nothing else is one.
std::optional<SignatureAlgorithm> parse_algorithm(std::string_view name);
std::string_view name_of(SignatureAlgorithm algorithm);

struct Jwt {
  SignatureAlgorithm algorithm = SignatureAlgorithm::rs256;
  std::string key_id;            // 1 to kMaxJwtKeyIdBytes bytes, whatever they are
  std::string_view signed_part;  // the first two segments, in the token
  std::string claims;            // JSON text, not read yet
  std::string signature;         // bytes
};

inline constexpr std::size_t kMaxJwtBytes = 16U << 10U;
inline constexpr std::size_t kMaxJwtHeaderBytes = 2U << 10U;  // decoded
inline constexpr std::size_t kMaxJwtKeyIdBytes = 256;

/// Refusals: too_large, malformed, unsupported_algorithm, unsupported_header, missing_key_id. The
/// result points into `token`.
std::variant<Jwt, TokenRefusal> parse_jwt(std::string_view token);

}  // namespace spillway::identity
