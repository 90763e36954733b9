#pragma once
// Keeps one tenant's issuers and keys fresh: discovery documents and key sets of both token
// versions, in the background, the old ones serving while a fetch fails. One coroutine a tenant on
// the control thread.

#include <spillway/base/random.hpp>
#include <spillway/identity/entra_keys.hpp>
#include <spillway/identity/fetch_surroundings.hpp>
#include <spillway/identity/key_schedule.hpp>
#include <spillway/identity/token_request.hpp>
#include <spillway/net/task.hpp>
#include <spillway/telemetry/log_line.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::identity {

class KeyRefresher {
 public:
  using Fields = std::vector<std::pair<std::string_view, std::string>>;
  /// Told when a fetch fails, when one succeeds after failures, and when keys changed.
  using OnEvent = std::function<void(telemetry::LogLevel, std::string_view name, Fields fields)>;

  /// `tenant`: below keys->tenant_count(). The authority's name is handed to the resolver at once.
  KeyRefresher(FetchSurroundings surroundings, std::shared_ptr<EntraKeys> keys, std::size_t tenant,
               OnEvent on_event);
  KeyRefresher(const KeyRefresher&) = delete;
  KeyRefresher& operator=(const KeyRefresher&) = delete;

  /// Ends some time after stop(), else goes with its event loop.
  net::Task<void> run();
  /// It is not needed any more. The control thread.
  void stop() { is_stopped_ = true; }

 private:
  using Fetched = base::Result<std::shared_ptr<const TokenIssuer>>;

  net::Task<void> wait_until_due();
  net::Task<void> refresh();
  net::Task<Fetched> try_fetch(TokenVersion version);
  net::Task<Fetched> fetch_issuer(TokenVersion version);
  net::Task<base::Result<std::string>> fetch_text(std::string target, std::size_t max_bytes);
  void find_authority();
  void accept(TokenVersion version, std::shared_ptr<const TokenIssuer> issuer);
  void finish(const std::string& problems);
  void withdraw_stale();
  void publish_status();
  void tell(telemetry::LogLevel level, std::string_view name, Fields fields);
  [[nodiscard]] std::shared_ptr<const TokenIssuer> published(TokenVersion version) const;
  [[nodiscard]] double jitter();

  FetchSurroundings surroundings_;
  std::shared_ptr<EntraKeys> keys_;
  std::size_t tenant_;
  OnEvent on_event_;
  base::Random random_;
  KeySchedule schedule_;
  Origin origin_;                                      // of the authority
  std::shared_ptr<const upstream::Target> authority_;  // null: it could not be made
  std::string authority_problem_;
  std::optional<base::WallTime> all_fetched_at_;
  bool is_stopped_ = false;
};

}  // namespace spillway::identity
