#pragma once
// The signing half of the simulated Entra: its clock, its keys, tokens, and the memory of which
// tokens were issued, which is all that endpoints accept. Not thread-safe.

#include "simulator/key_ring.hpp"
#include "simulator/mint_request.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::simulator {

/// What a token for an endpoint says. Empty fields are left out of it.
struct TokenRequest {
  std::string tenant = "33333333-3333-4333-8333-333333333333";
  std::string audience = "https://cognitiveservices.azure.com";
  std::string client_id = "11111111-1111-4111-8111-111111111111";
  std::string object_id = "55555555-5555-4555-8555-555555555555";
  std::vector<std::string> roles;
  std::vector<std::string> groups;
  /// Present: a user's token.
  std::string scopes;
  std::chrono::seconds lifetime{3'599};
  TokenVersion version = TokenVersion::v2;
};

class Issuer {
 public:
  using WallTime = std::chrono::system_clock::time_point;

  Issuer() = default;
  Issuer(const Issuer&) = delete;
  Issuer& operator=(const Issuer&) = delete;

  /// Where the discovery documents are, e.g. `http://127.0.0.1:18180`; part of every `iss` of
  /// version 2.
  void set_authority(std::string url) { authority_ = std::move(url); }
  [[nodiscard]] const std::string& authority() const { return authority_; }

  /// How far the clock of Entra and of the endpoints is ahead of this machine's; negative: behind.
  void set_clock_skew(std::chrono::seconds skew) { skew_ = skew; }
  [[nodiscard]] std::chrono::seconds clock_skew() const { return skew_; }
  /// What that clock shows.
  [[nodiscard]] WallTime now() const { return std::chrono::system_clock::now() + skew_; }

  /// A token that endpoints accept. Throws std::runtime_error if OpenSSL fails.
  std::string issue(const TokenRequest& request, WallTime now);
  /// A token of any kind, which no endpoint accepts: for testing who validates tokens by
  /// themselves. Throws std::invalid_argument for a request that cannot be met.
  std::string mint(const MintRequest& request, WallTime now);
  std::string mint(const MintRequest& request) { return mint(request, now()); }

  [[nodiscard]] bool accepts(std::string_view token, const std::vector<std::string>& audiences,
                             WallTime now) const;
  /// Every token issued so far is refused from now on.
  void revoke_all() { issued_.clear(); }

  /// New tokens are signed with a new key; the old ones stay in the key set.
  void rotate_key();
  KeyRing& keys() { return keys_; }

  /// The JWKS document, as of `tenant`.
  [[nodiscard]] std::string key_set(std::string_view tenant,
                                    TokenVersion version = TokenVersion::v2);
  /// Both kinds.
  [[nodiscard]] std::uint64_t issued_count() const { return issued_count_; }

 private:
  struct Issued {
    std::string audience;
    WallTime expires_at;
  };

  KeyRing keys_;
  std::map<std::string, Issued, std::less<>> issued_;
  std::string authority_;
  std::chrono::seconds skew_{0};
  std::uint64_t issued_count_ = 0;
};

}  // namespace spillway::simulator
