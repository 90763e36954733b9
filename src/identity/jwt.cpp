#include "refuse.hpp"
#include "strict_json.hpp"
#include <spillway/base/text.hpp>
#include <spillway/identity/base64url.hpp>
#include <spillway/identity/jwt.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace spillway::identity {
namespace {

using nlohmann::json;
using Reason = TokenRefusal::Reason;

struct Segments {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
};

std::optional<Segments> split(std::string_view token) {
  if (std::count(token.begin(), token.end(), '.') != 2) return std::nullopt;
  const auto first = token.find('.');
  const auto second = token.find('.', first + 1);
  const Segments segments{token.substr(0, first), token.substr(first + 1, second - first - 1),
                          token.substr(second + 1)};
  if (segments.header.empty() || segments.claims.empty()) return std::nullopt;
  return segments;
}

// Members that would change what the bytes mean, or who may read them: whoever does not understand
// them must not go on. (jwk, jku, x5u and x5c only offer keys; nobody is obliged to look at them.)
constexpr std::array<const char*, 5> kNotUnderstood = {"crit", "b64", "zip", "enc", "cty"};

std::optional<TokenRefusal> find_unsupported(const json& header) {
  for (const char* const name : kNotUnderstood) {
    if (!header.contains(name)) continue;
    return refuse(Reason::unsupported_header,
                  std::string("the header has '") + name + "', which is not supported");
  }
  const auto found = header.find("typ");
  if (found == header.end()) return std::nullopt;
  const std::string_view type = text_member(header, "typ").value_or("");
  for (const std::string_view known : {"JWT", "at+jwt", "application/at+jwt"}) {
    if (base::equals_ignoring_case(type, known)) return std::nullopt;
  }
  return refuse(Reason::unsupported_header,
                "typ is " + quote(type) + ", not JWT: perhaps not an access token");
}

std::variant<SignatureAlgorithm, TokenRefusal> read_algorithm(const json& header) {
  const auto name = text_member(header, "alg");
  if (!name) return refuse(Reason::unsupported_algorithm, "the header has no text 'alg'");
  if (const auto algorithm = parse_algorithm(*name)) return *algorithm;
  return refuse(Reason::unsupported_algorithm,
                "alg is " + quote(*name) + ", not RS256, PS256 or ES256");
}

std::variant<std::string, TokenRefusal> read_key_id(const json& header) {
  const auto key_id = text_member(header, "kid");
  if (!key_id) return refuse(Reason::missing_key_id, "the header has no text 'kid'");
  if (key_id->empty()) return refuse(Reason::missing_key_id, "kid is empty");
  if (key_id->size() > kMaxJwtKeyIdBytes) {
    return refuse(Reason::missing_key_id, "kid is longer than 256 bytes: " + quote(*key_id));
  }
  return std::string(*key_id);
}

std::optional<TokenRefusal> read_header(std::string_view text, Jwt& jwt) {
  if (text.size() > kMaxJwtHeaderBytes) {
    return refuse(Reason::too_large, "the header is larger than 2 KiB");
  }
  const auto header = parse_strict_object(text);
  if (!header) {
    return refuse(Reason::malformed, "the header is no JSON object, or has a key twice");
  }
  // The algorithm first: an encrypted or unsigned token is best told by its name.
  auto algorithm = read_algorithm(*header);
  if (auto* refusal = std::get_if<TokenRefusal>(&algorithm)) return std::move(*refusal);
  if (auto refusal = find_unsupported(*header)) return refusal;
  auto key_id = read_key_id(*header);
  if (auto* refusal = std::get_if<TokenRefusal>(&key_id)) return std::move(*refusal);
  jwt.algorithm = std::get<SignatureAlgorithm>(algorithm);
  jwt.key_id = std::move(std::get<std::string>(key_id));
  return std::nullopt;
}

}  // namespace

std::optional<SignatureAlgorithm> parse_algorithm(std::string_view name) {
  if (name == "RS256") return SignatureAlgorithm::rs256;
  if (name == "PS256") return SignatureAlgorithm::ps256;
  if (name == "ES256") return SignatureAlgorithm::es256;
  return std::nullopt;
}

std::string_view name_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::rs256:
      return "RS256";
    case SignatureAlgorithm::ps256:
      return "PS256";
    case SignatureAlgorithm::es256:
      return "ES256";
  }
  return "";
}

std::variant<Jwt, TokenRefusal> parse_jwt(std::string_view token) {
  if (token.size() > kMaxJwtBytes) {
    return refuse(Reason::too_large, "the token is larger than 16 KiB");
  }
  const auto segments = split(token);
  if (!segments) return refuse(Reason::malformed, "the token is not three segments, two of text");
  const auto header = decode_base64url(segments->header);
  auto claims = decode_base64url(segments->claims);
  auto signature = decode_base64url(segments->signature);
  if (!header || !claims || !signature) {
    return refuse(Reason::malformed, "a segment is not base64url without padding");
  }
  Jwt jwt;
  if (auto refusal = read_header(*header, jwt)) return std::move(*refusal);
  if (signature->empty()) return refuse(Reason::bad_signature, "the signature is empty");
  jwt.signed_part = token.substr(0, segments->header.size() + 1 + segments->claims.size());
  jwt.claims = std::move(*claims);
  jwt.signature = std::move(*signature);
  return jwt;
}

}  // namespace spillway::identity
