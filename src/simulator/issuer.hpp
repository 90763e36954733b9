#pragma once
// The signing half of the simulated Entra: RSA keys of its own, RS256 tokens, the key set, and
// the memory of which tokens were issued, which is all that endpoints accept. Not thread-safe.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::simulator {

/// What a token says. Empty fields are left out of it.
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
};

class Issuer {
 public:
  using WallTime = std::chrono::system_clock::time_point;

  /// Without a key: the first one is made when it is needed, which takes about 100 ms.
  Issuer();
  ~Issuer();
  Issuer(const Issuer&) = delete;
  Issuer& operator=(const Issuer&) = delete;

  /// Where the discovery documents are, e.g. `http://127.0.0.1:18180`; part of every `iss`.
  void set_authority(std::string url) { authority_ = std::move(url); }
  [[nodiscard]] const std::string& authority() const { return authority_; }

  /// A signed version 2 token. Throws std::runtime_error if OpenSSL fails.
  std::string issue(const TokenRequest& request, WallTime now);

  [[nodiscard]] bool accepts(std::string_view token, const std::vector<std::string>& audiences,
                             WallTime now) const;
  /// Every token issued so far is refused from now on.
  void revoke_all() { issued_.clear(); }

  /// New tokens are signed with a new key; the old ones stay in the key set.
  void rotate_key();

  /// The JWKS document, as of `tenant`.
  [[nodiscard]] std::string key_set(std::string_view tenant);
  /// The OpenID configuration of `tenant`.
  [[nodiscard]] std::string discovery(std::string_view tenant) const;
  [[nodiscard]] std::uint64_t issued_count() const { return issued_count_; }

 private:
  struct Key;
  struct Issued {
    std::string audience;
    WallTime expires_at;
  };

  std::vector<std::unique_ptr<Key>> keys_;
  std::map<std::string, Issued, std::less<>> issued_;
  std::string authority_;
  std::uint64_t issued_count_ = 0;
};

}  // namespace spillway::simulator
