#pragma once
// Keeps one identity's token fresh: fetches before it is needed, one request in flight, the old
// token serving meanwhile, back-off on failure (behaviour §9). One coroutine on the control thread.

#include <spillway/base/random.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/identity/credential_source.hpp>
#include <spillway/identity/refresh_schedule.hpp>
#include <spillway/identity/token_fetcher.hpp>
#include <spillway/net/task.hpp>
#include <spillway/telemetry/log_line.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::identity {

class TokenRefresher {
 public:
  using Fields = std::vector<std::pair<std::string_view, std::string>>;
  /// Told what the credential comes to (`credential_resolved`), when a fetch fails
  /// (`token_fetch_failed`), and when one succeeds after failures (`token_refreshed`). A failure
  /// that lasts is told once for each reason, at error level; a passing one each time, at error
  /// level once no token serves any more, else as a warning.
  using OnEvent = std::function<void(telemetry::LogLevel, std::string_view name, Fields fields)>;
  using Sources = std::vector<std::shared_ptr<CredentialSource>>;

  /// `sources`: all that this token serves, at least one: credentials of the same identity share
  /// one refresher, so that there is one request in flight for all of them.
  TokenRefresher(const FetchSurroundings& surroundings, const config::Credential& credential,
                 Sources sources, OnEvent on_event);
  TokenRefresher(const TokenRefresher&) = delete;
  TokenRefresher& operator=(const TokenRefresher&) = delete;

  [[nodiscard]] const config::Credential& credential() const { return fetcher_.credential(); }
  /// From a reload on it serves these, which are the same identity; what they lack they are given.
  /// The control thread.
  void serve(Sources sources);
  /// Ends some time after stop(), else goes with its event loop.
  net::Task<void> run();
  /// It is not needed any more. The control thread.
  void stop() { is_stopped_ = true; }

 private:
  net::Task<void> wait_until_due();
  void accept(const Token& token);
  void refuse(const FetchFailure& failure);
  void tell_source();
  void publish_status();
  [[nodiscard]] bool take_refused();
  [[nodiscard]] double jitter();

  net::Executor executor_;
  const base::Clock& clock_;
  TokenFetcher fetcher_;
  Sources sources_;
  OnEvent on_event_;
  std::string names_;  // of the sources
  std::string told_source_;
  base::Random random_;
  RefreshSchedule schedule_;
  bool is_stopped_ = false;
};

}  // namespace spillway::identity
