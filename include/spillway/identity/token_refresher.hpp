#pragma once
// Keeps one credential's token fresh: fetches before it is needed, one request in flight, the old
// token serving meanwhile, back-off on failure (behaviour §9). One coroutine on the control thread.

#include <spillway/base/random.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/identity/credential_source.hpp>
#include <spillway/identity/environment.hpp>
#include <spillway/identity/refresh_schedule.hpp>
#include <spillway/identity/token.hpp>
#include <spillway/net/resolver.hpp>
#include <spillway/net/task.hpp>
#include <spillway/telemetry/log_line.hpp>
#include <spillway/upstream/exchange.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace spillway::identity {

class TokenRefresher {
 public:
  using Fields = std::vector<std::pair<std::string_view, std::string>>;
  /// Told when a fetch fails, and when one succeeds after failures.
  using OnEvent = std::function<void(telemetry::LogLevel, std::string_view name, Fields fields)>;

  /// `transport` and `resolver` outlive this, as does `source`'s being refreshed. The authority's
  /// name is handed to `resolver` at once.
  TokenRefresher(upstream::Transport& transport, net::Resolver& resolver,
                 const config::Credential& credential, Environment environment,
                 std::shared_ptr<CredentialSource> source, OnEvent on_event);
  TokenRefresher(const TokenRefresher&) = delete;
  TokenRefresher& operator=(const TokenRefresher&) = delete;

  /// Never ends; it goes with its event loop.
  net::Task<void> run();

 private:
  net::Task<void> wait_until_due();
  net::Task<std::variant<Token, FetchFailure>> try_fetch();
  net::Task<std::variant<Token, FetchFailure>> fetch_token();
  std::shared_ptr<const upstream::Target> find_authority();
  void accept(const Token& token);
  void refuse(const FetchFailure& failure);
  [[nodiscard]] double jitter();

  upstream::Transport& transport_;
  net::Resolver& resolver_;
  config::Credential credential_;
  Environment environment_;
  std::shared_ptr<CredentialSource> source_;
  OnEvent on_event_;
  base::Random random_;
  RefreshSchedule schedule_;
  std::shared_ptr<const upstream::Target> authority_;  // made once; null: it could not be
  std::string authority_problem_;
};

}  // namespace spillway::identity
