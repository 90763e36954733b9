#pragma once
// A small Entra: two tenants, their issuers and keys as if they had been fetched, a clock moved by
// hand, and tokens that are right in all but what a test changes.

#include <spillway/base/clock.hpp>
#include <spillway/identity/entra_keys.hpp>
#include <spillway/identity/token_verifier.hpp>

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <memory>
#include <string>
#include <support/token_signer.hpp>

namespace spillway::test {

class MovedClock final : public base::Clock {
 public:
  [[nodiscard]] base::WallTime wall_now() const override { return now_; }
  [[nodiscard]] base::SteadyTime steady_now() const override {
    return base::SteadyTime(now_.time_since_epoch());
  }
  void move(base::Duration by) { now_ += by; }
  void set(std::int64_t unix_seconds) { now_ = base::WallTime(std::chrono::seconds(unix_seconds)); }

 private:
  base::WallTime now_{std::chrono::seconds(1795431000)};
};

inline constexpr std::int64_t kEntraNow = 1795431000;  // where a MovedClock begins
inline const std::string kTenant = "33333333-3333-4333-8333-333333333333";
inline const std::string kOtherTenant = "22222222-2222-4222-8222-222222222222";
inline const std::string kStrangersTenant = "99999999-9999-4999-8999-999999999999";
inline const std::string kAudience = "44444444-4444-4444-8444-444444444444";
inline const std::string kUriAudience = "api://spillway-test";
inline const std::string kAppId = "11111111-1111-4111-8111-111111111111";
inline const std::string kAuthority = "https://login.microsoftonline.com";

std::string v1_issuer(const std::string& tenant = kTenant);
std::string v2_issuer(const std::string& tenant = kTenant);

/// A token issuer with these keys.
std::shared_ptr<const identity::TokenIssuer> issuer_of(const std::string& issuer,
                                                       const std::string& tenant,
                                                       const nlohmann::json& keys);
std::shared_ptr<const identity::TokenIssuer> v2_issuer_of(const nlohmann::json& keys);

nlohmann::json header(const std::string& algorithm = "RS256", const std::string& key_id = "K1");
/// What is right for v2, with the members of `changes` over it (null: a member that is null).
nlohmann::json claims(const nlohmann::json& changes = nlohmann::json::object());
nlohmann::json claims_without(const std::string& name);
nlohmann::json v1_claims(const nlohmann::json& changes = nlohmann::json::object());

class EntraWorld {
 public:
  /// Everything published. Of kTenant, v2: K1 and K2 (RSA), E1 (P-256), P1 and R1 (RSA for PS256
  /// and RS256 only), and some that must not be used; v1: K1 and V1. Of kOtherTenant, v2 only: T2.
  EntraWorld();

  [[nodiscard]] identity::TokenVerifier::Verdict verify(const std::string& token) const {
    return verifier->verify(token);
  }

  config::Entra entra;
  MovedClock clock;
  std::shared_ptr<identity::EntraKeys> keys;
  std::unique_ptr<identity::TokenVerifier> verifier;
};

}  // namespace spillway::test
