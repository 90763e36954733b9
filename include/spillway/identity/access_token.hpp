#pragma once
// What a verified Entra token says about its bearer, or why a token was refused. The refusal is
// for the operator's log and for choosing the answer; it holds nothing of the token but bounded,
// escaped claim values.

#include <spillway/base/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::identity {

/// Every text but subject, roles and scopes is in lower case: they are GUIDs, as in the
/// configuration. Empty where the token does not say (but tenant_id, which is always there).
struct AccessToken {
  std::string tenant_id;            // tid
  std::string app_id;               // azp (v2) or appid (v1): the application that asked for it
  std::string object_id;            // oid: the user, or the application's service principal
  std::string subject;              // sub
  std::vector<std::string> roles;   // app roles of the API
  std::vector<std::string> groups;  // empty also where they are not known
  std::vector<std::string> scopes;  // scp, split at blanks
  base::WallTime expires_at;        // exp, without leeway
  bool is_app = false;              // no user: idtyp is "app", or no idtyp and no scp
  /// False for users of more than 200 groups, whose token only says where to ask (wire §8): no
  /// group may then be taken for theirs.
  bool are_groups_known = true;
};

/// Why a token was not accepted. All but keys_unavailable are the caller's fault (401).
struct TokenRefusal {
  enum class Reason : std::uint8_t {
    malformed,              // not three segments of strict base64url with JSON objects in them
    too_large,              // a bound on the token, its header or its number of claims
    unsupported_algorithm,  // `alg` missing or not RS256, PS256, ES256
    unsupported_header,     // crit, zip, enc, cty, b64, or a typ that is no access token's
    missing_key_id,         // `kid` missing, empty, no text, or longer than any key's
    unknown_key,            // no key of that kid for the token's issuer; a refetch was asked for
    wrong_key,              // the key of that kid is of another type or for another algorithm
    bad_signature,          // not made by that key over these bytes
    wrong_issuer,           // `iss` is of no configured tenant
    wrong_tenant,           // `tid` missing, or not the tenant of `iss`
    wrong_audience,         // `aud` missing, or none of the configured ones
    expired,                // `exp` is past, leeway included
    not_yet_valid,          // `nbf` is to come, leeway included
    invalid_claim,          // a claim that is needed is missing, of a wrong type or out of range
    keys_unavailable,       // nobody can tell: the issuer's keys could not be fetched yet (503)
  };

  Reason reason = Reason::malformed;
  /// At most some 400 bytes of printable text, without characters of the token itself.
  std::string detail;
};

/// The lower-case name as it appears in logs, e.g. "bad_signature".
std::string_view name_of(TokenRefusal::Reason reason);

}  // namespace spillway::identity
