#pragma once
// What proves the gateway to a backend, ready to be put in a request: a fixed key, or the newest
// Entra token that the refresher published; or the word that the caller's own token goes there.
// Read by all workers, written by the control thread.

#include <spillway/base/clock.hpp>
#include <spillway/base/published.hpp>
#include <spillway/base/secret.hpp>
#include <spillway/base/time.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::identity {

/// A request field: "authorization" with "Bearer …", or "api-key" with the key.
struct Authorization {
  std::string_view name;
  std::shared_ptr<const base::Secret> value;
};

/// For /status; never the secret itself.
struct CredentialStatus {
  enum class State : std::uint8_t { ok, refreshing, failing };
  State state = State::refreshing;
  std::optional<base::SteadyTime> expires_at;  // none: does not expire, or no token
  std::string last_error;
  std::string source;  // what the credential came to: "managed_identity (IMDS)"; empty: not asked
};

class CredentialSource {
 public:
  /// `clock` outlives this; it says when a token has expired.
  explicit CredentialSource(std::string name, const base::Clock& clock = base::system_clock())
      : name_(std::move(name)), clock_(clock) {}

  [[nodiscard]] const std::string& name() const { return name_; }

  /// What to send now; nothing where there is no valid token: never an empty bearer. Nothing too
  /// where the caller's own token goes to the backend.
  [[nodiscard]] std::optional<Authorization> current() const;
  /// Whether current() would give something; for who does not send it, and so keeps nothing of it.
  [[nodiscard]] bool has_current() const;

  /// Whether the caller's own token goes to the backend. Set before anybody else sees this.
  [[nodiscard]] bool is_pass_through() const { return is_pass_through_; }
  void set_pass_through();

  void set_api_key(const base::Secret& key);
  void set_token(const base::Secret& token, base::SteadyTime expires_at);
  void set_status(CredentialStatus status);
  /// The token and the status of another that is the same identity.
  void take_over(const CredentialSource& other);
  [[nodiscard]] CredentialStatus status() const;

  /// A backend refused the token; the refresher looks at this once in a while and fetches anew.
  void report_refused() { is_refused_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool take_refused() { return is_refused_.exchange(false); }

 private:
  struct Current {
    Authorization authorization;
    base::SteadyTime expires_at = base::SteadyTime::max();
  };
  [[nodiscard]] bool is_valid(const Current* current) const;

  std::string name_;
  const base::Clock& clock_;
  bool is_pass_through_ = false;
  base::Published<Current> current_;
  base::Published<CredentialStatus> status_;
  std::atomic<bool> is_refused_{false};
};

}  // namespace spillway::identity
