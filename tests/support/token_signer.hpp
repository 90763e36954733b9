#pragma once
// Keys that sign tokens in tests, made once a process, and tokens as right or wrong as a test wants
// them. Shares nothing with src/identity: base64url, signatures and key sets are written anew.

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace spillway::test {

std::string to_base64url(std::string_view bytes);
std::string hmac_sha256(std::string_view secret, std::string_view text);

/// Of a signature of PS256: the salt's bytes.
enum class Salt : int { none = 0, digest_length = 32, longer = 64 };

class TokenSigner {
 public:
  explicit TokenSigner(evp_pkey_st* key);

  // Of this process, each made when first asked for.
  static const TokenSigner& rsa();
  static const TokenSigner& second_rsa();
  static const TokenSigner& attackers_rsa();
  static const TokenSigner& short_rsa();  // 1024 bits
  static const TokenSigner& ec();
  static const TokenSigner& second_ec();

  /// The public half with `kid`, and the members of `more` over it.
  [[nodiscard]] nlohmann::json jwk(const std::string& key_id,
                                   const nlohmann::json& more = nlohmann::json::object()) const;
  /// As JOSE wants it, for RS256, PS256 and ES256; empty for any other.
  [[nodiscard]] std::string sign(std::string_view algorithm, std::string_view text) const;
  [[nodiscard]] std::string sign_pss(std::string_view text, Salt salt) const;
  /// ES256 as OpenSSL writes it.
  [[nodiscard]] std::string sign_der(std::string_view text) const;
  /// Both segments as they come, signed as `algorithm` says.
  [[nodiscard]] std::string token_of(std::string_view header, std::string_view claims,
                                     std::string_view algorithm) const;
  /// The algorithm is the header's `alg`.
  [[nodiscard]] std::string token_of(const nlohmann::json& header,
                                     const nlohmann::json& claims) const;

  [[nodiscard]] std::string public_pem() const;
  [[nodiscard]] std::string public_der() const;
  [[nodiscard]] std::string modulus() const;

 private:
  [[nodiscard]] bool is_ec() const;
  [[nodiscard]] std::string number(const char* name) const;

  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace spillway::test
