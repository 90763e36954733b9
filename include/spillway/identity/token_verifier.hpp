#pragma once
// Whether a caller's Entra token is to be believed: the order of checks in
// docs/identity-callers.md. Uses keys that others fetched, waits for nothing.

#include <spillway/base/clock.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/identity/access_token.hpp>
#include <spillway/identity/entra_keys.hpp>
#include <spillway/identity/token_rules.hpp>
#include <spillway/identity/verified_token_cache.hpp>

#include <memory>
#include <string_view>
#include <variant>

namespace spillway::identity {

/// Any thread.
class TokenVerifier {
 public:
  using Verdict = std::variant<std::shared_ptr<const AccessToken>, TokenRefusal>;

  /// `clock` outlives this. `keys` were made from the same configuration.
  TokenVerifier(const config::Entra& entra, std::shared_ptr<EntraKeys> keys,
                const base::Clock& clock);

  /// The pointer of an accepted token is never null. A token accepted before costs one SHA-256 and
  /// a look-up, as long as it is valid and no key of any tenant has changed; the first time it
  /// costs a signature check (tens of microseconds). An unknown kid asks `keys` for a refetch.
  /// `digest`: the token's, which its caller needs for other things too.
  [[nodiscard]] Verdict verify(std::string_view token, const TextDigest& digest) const;
  [[nodiscard]] Verdict verify(std::string_view token) const {
    return verify(token, digest_of(token));
  }

 private:
  [[nodiscard]] Verdict verify_anew(std::string_view token, const TextDigest& digest,
                                    base::WallTime now) const;

  TokenRules rules_;
  std::shared_ptr<EntraKeys> keys_;
  const base::Clock* clock_;
  mutable VerifiedTokenCache cache_;
};

}  // namespace spillway::identity
