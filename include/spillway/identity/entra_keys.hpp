#pragma once
// The issuers whose tokens are accepted, and their keys, as the key refresher published them last.
// Read by all workers, written by the control thread.

#include <spillway/base/published.hpp>
#include <spillway/base/time.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/identity/json_web_key_set.hpp>
#include <spillway/identity/text_digest.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::identity {

/// Entra issues two kinds of token, each with an issuer and a discovery document of its own.
enum class TokenVersion : std::uint8_t { v1, v2 };
inline constexpr std::size_t kTokenVersions = 2;

/// What one discovery document and its key set say. Immutable once published.
struct TokenIssuer {
  std::string issuer;     // `iss`, exactly
  std::string tenant_id;  // a GUID in lower case, also where the configuration names a domain
  JsonWebKeySet keys;     // only those that may sign for this issuer
  TextDigest digest{};    // of the key set as fetched: whether anything changed
  base::SteadyTime fetched_at;
};

/// Everything published, as of one moment.
class TokenIssuers {
 public:
  /// A tenant as configured, with what is known of it.
  struct Tenant {
    std::string name;  // a GUID or a verified domain, in lower case
    std::array<std::shared_ptr<const TokenIssuer>, kTokenVersions> issuers;  // null: not fetched
  };
  struct Found {
    const TokenIssuer* issuer = nullptr;
    std::size_t tenant = 0;  // its place in the configuration
  };

  TokenIssuers(std::vector<Tenant> tenants, std::uint64_t generation)
      : tenants_(std::move(tenants)), generation_(generation) {}

  /// Nothing: no issuer of that name is known.
  [[nodiscard]] std::optional<Found> find(std::string_view issuer) const;
  /// Whether a token that names this tenant might be of an issuer that was not fetched yet: a
  /// verdict must wait then. Unverified claims are good enough for that.
  [[nodiscard]] bool is_waiting_for(std::string_view tenant_id) const;
  [[nodiscard]] const std::vector<Tenant>& tenants() const { return tenants_; }
  /// Changes whenever a key or an issuer does.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

 private:
  std::vector<Tenant> tenants_;
  std::uint64_t generation_;
};

/// For /status: one tenant.
struct EntraKeysStatus {
  enum class State : std::uint8_t { ok, refreshing, failing };
  std::string tenant;
  State state = State::refreshing;
  std::size_t keys = 0;                      // that can be used, of the version that has more
  std::optional<base::WallTime> fetched_at;  // last time that all of it was
  std::string last_error;                    // of the last fetch; empty: it went well
};

std::string_view name_of(EntraKeysStatus::State state);

class EntraKeys {
 public:
  /// Nothing is known yet: every token of these tenants is refused with keys_unavailable.
  explicit EntraKeys(const config::Entra& entra);
  EntraKeys(const EntraKeys&) = delete;
  EntraKeys& operator=(const EntraKeys&) = delete;

  /// After a reload: what `before` knows of the tenants that both have, if the authority is the
  /// same, so that nobody waits for keys that are here. Before any reader.
  void take_over(const EntraKeys& before);

  // Any thread.

  [[nodiscard]] std::shared_ptr<const TokenIssuers> issuers() const { return published_.get(); }
  /// Of what issuers() gives, without its lock.
  [[nodiscard]] std::uint64_t generation() const {
    return generation_.load(std::memory_order_acquire);
  }
  /// A token names a key that its tenant does not have: perhaps it is new. The refresher looks at
  /// this and fetches, not more often than every five minutes.
  void report_unknown_key(std::size_t tenant);
  [[nodiscard]] std::vector<EntraKeysStatus> status() const;

  // The control thread only: key refreshers, one a tenant.

  [[nodiscard]] std::size_t tenant_count() const { return tenant_names_.size(); }
  [[nodiscard]] const std::string& tenant_name(std::size_t tenant) const {
    return tenant_names_[tenant];
  }
  [[nodiscard]] const std::string& authority_host() const { return authority_host_; }
  /// `issuer` null withdraws what was published.
  void publish(std::size_t tenant, TokenVersion version, std::shared_ptr<const TokenIssuer> issuer);
  void set_status(std::size_t tenant, EntraKeysStatus status);
  [[nodiscard]] bool take_unknown_key(std::size_t tenant);

 private:
  struct Slot {
    std::atomic<bool> is_key_unknown{false};
    base::Published<EntraKeysStatus> status;
  };

  std::string authority_host_;
  std::vector<std::string> tenant_names_;
  base::Published<TokenIssuers> published_;
  std::atomic<std::uint64_t> generation_{0};
  std::vector<std::unique_ptr<Slot>> slots_;  // one a tenant
};

}  // namespace spillway::identity
