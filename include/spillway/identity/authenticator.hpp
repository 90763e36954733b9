#pragma once
// Who is calling, and what that client may do: gateway keys, Entra tokens, deployments by glob
// (behaviour §9, §10). Immutable after construction; any thread.

#include <spillway/base/field.hpp>
#include <spillway/base/secret.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/identity/access_token.hpp>
#include <spillway/identity/client_index.hpp>
#include <spillway/identity/key_table.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace spillway::identity {

class TokenVerifier;
struct PresentedCredential;
struct TokenRefusal;

/// An authenticated caller. Points into the Configuration the Authenticator was built from.
struct Caller {
  const config::Client* client = nullptr;  // null: anonymous, let in by configuration
  std::string_view name;                   // "anonymous" for nobody
  std::string_view pool;
  std::shared_ptr<const AccessToken> token = nullptr;  // null: it called with a key, or nothing
};

/// A refusal, ready to be answered: 401, 403 or 503, our code, and a text that helps the caller
/// without telling an attacker anything.
struct Denial {
  unsigned status = 401;
  std::string_view code;
  std::string message;
  std::string challenge = {};  // WWW-Authenticate (RFC 6750 §3); empty: none
  std::string reason = {};     // for the operator's log only; empty: the code says it all
};

class Authenticator {
 public:
  /// `configuration` outlives this. Without a verifier (no `entra` section) no token is taken.
  explicit Authenticator(const config::Configuration& configuration,
                         std::shared_ptr<const TokenVerifier> verifier = nullptr);
  ~Authenticator();
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;

  /// 401 spillway_missing_credential, spillway_invalid_credential, spillway_invalid_token or
  /// spillway_ambiguous_credential; 403 spillway_client_unknown for a valid token of nobody's; 503
  /// spillway_keys_unavailable while Entra's keys are not known.
  /// A Bearer is a gateway key if it is one, else a token. With `anonymous` configured a call
  /// without a credential is let in, a wrong one is still refused; where no client has a key or
  /// entra at all there is nothing to be wrong about, and what SDKs send because they must send
  /// something is not looked at. `elsewhere`: see read_presented_credential.
  [[nodiscard]] std::variant<Caller, Denial> authenticate(
      base::FieldView headers, std::span<const base::Secret> elsewhere = {}) const;

  /// 403 spillway_deployment_not_allowed, or nothing. An empty deployment (none named) is not
  /// checked. Operations are the gateway's to check: what they are is aoai's knowledge.
  [[nodiscard]] static std::optional<Denial> check_deployment(const Caller& caller,
                                                              std::string_view deployment);

  /// 403 spillway_certificate_not_allowed, or nothing: one of the names in the certificate that the
  /// connection showed must match one of the client's `certificate_names`, if it has any.
  [[nodiscard]] static std::optional<Denial> check_certificate(const Caller& caller,
                                                               std::span<const std::string> names);

 private:
  [[nodiscard]] std::variant<Caller, Denial> authenticate_token(std::string_view token,
                                                                const TextDigest& digest) const;
  [[nodiscard]] Denial missing_credential() const;
  [[nodiscard]] Denial invalid_credential() const;
  [[nodiscard]] Caller anonymous() const;

  const config::Configuration* configuration_;
  std::shared_ptr<const TokenVerifier> verifier_;
  KeyTable keys_;
  ClientIndex entra_clients_;
};

}  // namespace spillway::identity
