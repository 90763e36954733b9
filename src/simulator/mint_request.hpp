#pragma once
// What a test wants a token to be, honest or not, in C++ or as JSON of the control port. Pure.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::simulator {

enum class TokenVersion { v1, v2 };

enum class SignWith {
  current,           // the key that Entra signs with now
  next_unpublished,  // the key after it, which is not in the set until KeyRing::publish_next
  other,             // a key of nobody
  none,              // `alg: none` and no signature
  hs256_public_key,  // HMAC with the public key's PEM as secret: key confusion
  broken,            // as current, with one byte of the signature altered
};

/// Empty fields are left out of the token, but for the audience.
struct MintRequest {
  TokenVersion version = TokenVersion::v2;
  std::string tenant = "33333333-3333-4333-8333-333333333333";
  /// Empty: `api://spillway-test` in version 1, 44444444-4444-4444-8444-444444444444 in 2.
  std::string audience;
  /// `appid` in version 1, `azp` in 2.
  std::string client_id = "11111111-1111-4111-8111-111111111111";
  /// `oid` and `sub`.
  std::string object_id = "55555555-5555-4555-8555-555555555555";
  std::vector<std::string> roles;
  std::vector<std::string> groups;
  /// `scp`. Present: a user's token, with a name.
  std::string scopes;
  /// `app` or `user`; Entra says it only where it is configured to.
  std::string idtyp;
  /// `exp` is the authority's now and this; `nbf` and `iat` are now and their offsets.
  std::chrono::seconds lifetime{3'599};
  std::chrono::seconds not_before_offset{0};
  std::chrono::seconds issued_at_offset{0};

  SignWith sign_with = SignWith::current;
  /// The key of this id in place of `sign_with`'s.
  std::string key_id;
  /// `PS256` and so on; empty: the key's own. What the header says of it is another matter.
  std::string algorithm;
  /// The header offers the signing key itself.
  bool embeds_jwk = false;
  bool embeds_x5c = false;

  /// JSON objects that go over the claims and the header; null takes a member out.
  std::string claims;
  std::string header;
  /// Members written behind all others as they are: name and JSON text. This is how a claim comes
  /// twice.
  std::vector<std::pair<std::string, std::string>> raw_claims;
  std::vector<std::pair<std::string, std::string>> raw_header;
  /// In place of the whole payload or header; need not be JSON.
  std::optional<std::string> payload_text;
  std::optional<std::string> header_text;
};

/// Throws std::invalid_argument saying what is wrong.
MintRequest parse_mint_request(std::string_view text);

}  // namespace spillway::simulator
