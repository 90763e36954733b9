#pragma once
// Who is calling, and what that client may do: gateway keys compared in constant time, deployments
// by glob (behaviour §9, §10). Immutable after construction; any thread.

#include <spillway/base/field.hpp>
#include <spillway/base/secret.hpp>
#include <spillway/config/configuration.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace spillway::identity {

/// An authenticated caller. Points into the Configuration the Authenticator was built from.
struct Caller {
  const config::Client* client = nullptr;  // null: anonymous, let in by configuration
  std::string_view name;                   // "anonymous" for nobody
  std::string_view pool;
};

/// A refusal, ready to be answered: 401 or 403, our code, and a text that helps the caller without
/// telling an attacker anything.
struct Denial {
  unsigned status = 401;
  std::string_view code;
  std::string message;
};

class Authenticator {
 public:
  /// `configuration` outlives this.
  explicit Authenticator(const config::Configuration& configuration);

  /// 401 spillway_missing_credential, spillway_invalid_credential or spillway_ambiguous_credential.
  /// With `anonymous` configured a call without a credential is let in, a wrong key is still
  /// refused; where no client has a key at all there is nothing to be wrong about, and what SDKs
  /// send because they must send something is not looked at. `elsewhere`: see
  /// read_presented_credential.
  [[nodiscard]] std::variant<Caller, Denial> authenticate(
      base::FieldView headers, std::span<const base::Secret> elsewhere = {}) const;

  /// 403 spillway_deployment_not_allowed, or nothing. An empty deployment (none named) is not
  /// checked. Operations are the gateway's to check: what they are is aoai's knowledge.
  [[nodiscard]] static std::optional<Denial> check_deployment(const Caller& caller,
                                                              std::string_view deployment);

 private:
  struct Key {
    std::string_view sha256;  // 32 bytes, in the configuration
    const config::Client* client = nullptr;
  };

  [[nodiscard]] const config::Client* find_client(std::string_view key) const;
  [[nodiscard]] Caller anonymous() const;

  const config::Configuration* configuration_;
  std::vector<Key> keys_;
};

}  // namespace spillway::identity
