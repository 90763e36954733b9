#pragma once
// The public keys of an issuer (RFC 7517), as far as tokens may be signed with them: RSA and EC
// P-256, by key id.

#include <spillway/base/result.hpp>
#include <spillway/identity/jwt.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace spillway::identity {

/// Immutable; any thread.
struct JsonWebKey {
  enum class Type : std::uint8_t { rsa, ec_p256 };

  std::string key_id;  // kid
  Type type = Type::rsa;
  std::optional<SignatureAlgorithm> algorithm;  // alg: then no other may be used with it
  std::shared_ptr<evp_pkey_st> public_key;      // never null
};

/// Whose keys are wanted: a key that says it is another issuer's is left out.
struct KeyOwner {
  std::string_view issuer;     // as tokens say it
  std::string_view tenant_id;  // what `{tenantid}` in a key's `issuer` stands for
};

class JsonWebKeySet {
 public:
  static constexpr std::size_t kMaxBytes = 2U << 20U;
  static constexpr std::size_t kMaxKeys = 1000;  // Entra announces 10 to 1000 (wire §8)
  static constexpr std::size_t kMaxKeyIdBytes = 256;
  static constexpr int kMinRsaBits = 2048;
  static constexpr int kMaxRsaBits = 16384;

  /// Keys that cannot be used are left out and counted: other types and curves, `use` other than
  /// sig, too short or too long, not well-formed, without a kid, of another issuer. A kid that two
  /// different keys have stands for neither: nobody can know which one is meant. Errors:
  /// Fault::upstream_malformed (no JSON object with an array `keys`, a bound passed).
  static base::Result<JsonWebKeySet> parse(std::string_view text, const KeyOwner& owner);

  /// Null: no such key. Compared byte by byte. Good as long as this is.
  [[nodiscard]] const JsonWebKey* find(std::string_view key_id) const;
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] std::size_t left_out() const { return left_out_; }

 private:
  std::vector<JsonWebKey> keys_;  // sorted by key_id, each once
  std::size_t left_out_ = 0;
};

}  // namespace spillway::identity
