#include <spillway/identity/entra_discovery.hpp>
#include <spillway/identity/key_refresher.hpp>
#include <spillway/identity/verified_token_cache.hpp>
#include <spillway/upstream/fetch.hpp>

#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <random>
#include <utility>

namespace spillway::identity {
namespace {

using base::Error;
using base::Fault;
using base::Side;
using telemetry::LogLevel;

constexpr auto kFetchTime = std::chrono::seconds(10);
// How long an unknown key may go unnoticed.
constexpr base::Duration kKeyLook = std::chrono::milliseconds(200);
constexpr std::array kVersions = {TokenVersion::v1, TokenVersion::v2};

std::string_view name_of(TokenVersion version) {
  return version == TokenVersion::v1 ? "v1" : "v2";
}

std::string describe(const Error& error) {
  std::string text(base::name_of(error.fault()));
  if (!error.detail().empty()) text += ": " + error.detail();
  return text;
}

}  // namespace

KeyRefresher::KeyRefresher(FetchSurroundings surroundings, std::shared_ptr<EntraKeys> keys,
                           std::size_t tenant, OnEvent on_event)
    : surroundings_(std::move(surroundings)),
      keys_(std::move(keys)),
      tenant_(tenant),
      on_event_(std::move(on_event)),
      random_(std::random_device()()),
      schedule_(surroundings_.clock.steady_now()) {
  find_authority();
  publish_status();
}

void KeyRefresher::find_authority() {
  auto origin = parse_origin(keys_->authority_host());
  if (!origin) {
    authority_problem_ = origin.error().detail();
    return;
  }
  origin_ = std::move(*origin);
  if (!origin_.is_tls && !is_loopback(origin_.host)) {
    authority_problem_ = "entra.authority_host is plain http, and not on this machine";
    return;
  }
  auto target = make_authority_target(
      "entra " + keys_->tenant_name(tenant_), origin_,
      origin_.is_tls ? surroundings_.proxies.find(origin_.host, origin_.port) : nullptr,
      surroundings_.resolver);
  if (!target) {
    authority_problem_ = target.error().detail();
    return;
  }
  authority_ = std::move(target.value());
}

double KeyRefresher::jitter() {
  return static_cast<double>(random_.below(1U << 20U)) / static_cast<double>(1U << 20U);
}

net::Task<void> KeyRefresher::run() {
  for (;;) {
    co_await wait_until_due();
    if (is_stopped_) co_return;
    schedule_.note_began();
    publish_status();
    co_await refresh();
  }
}

net::Task<void> KeyRefresher::wait_until_due() {
  net::Timer timer(surroundings_.transport.executor);
  for (base::SteadyTime now = surroundings_.clock.steady_now();
       now < schedule_.next_fetch() && !is_stopped_; now = surroundings_.clock.steady_now()) {
    timer.expires_after(std::min(schedule_.next_fetch() - now, kKeyLook));
    boost::system::error_code ignored;
    co_await timer.async_wait(net::asio::redirect_error(net::use_task, ignored));
    if (keys_->take_unknown_key(tenant_))
      schedule_.note_unknown_key(surroundings_.clock.steady_now());
  }
}

// Each version for itself: tokens of the one are checked while the other's keys are not to be had.
net::Task<void> KeyRefresher::refresh() {
  std::string problems;
  for (const TokenVersion version : kVersions) {
    Fetched fetched = co_await try_fetch(version);
    if (fetched) {
      accept(version, std::move(fetched.value()));
      continue;
    }
    if (!problems.empty()) problems += "; ";
    problems += std::string(name_of(version)) + ": " + describe(fetched.error());
  }
  finish(problems);
}

// An exception is a failed fetch like another: without this coroutine no key would ever come.
net::Task<KeyRefresher::Fetched> KeyRefresher::try_fetch(TokenVersion version) {
  std::string thrown_text;
  try {
    co_return co_await fetch_issuer(version);
  } catch (const std::exception& thrown) {
    thrown_text = thrown.what();
  }
  co_return Error(Fault::internal, Side::gateway, thrown_text);
}

net::Task<KeyRefresher::Fetched> KeyRefresher::fetch_issuer(TokenVersion version) {
  if (!authority_) co_return Error(Fault::internal, Side::gateway, authority_problem_);
  const base::SteadyTime asked = surroundings_.clock.steady_now();
  const DiscoverySubject subject{origin_, keys_->tenant_name(tenant_), version};
  const auto document = co_await fetch_text(discovery_target(subject), kMaxDiscoveryBytes);
  if (!document) co_return document.error();
  const auto discovery = parse_discovery(*document, subject);
  if (!discovery) co_return discovery.error();
  const auto text = co_await fetch_text(discovery->keys_target, JsonWebKeySet::kMaxBytes);
  if (!text) co_return text.error();
  const KeyOwner owner{discovery->issuer, discovery->tenant_id};
  auto keys = JsonWebKeySet::parse(*text, owner);
  if (!keys) co_return keys.error();
  if (keys->size() == 0) {
    co_return Error(Fault::upstream_malformed, Side::upstream,
                    "the key set has no key that can be used");
  }
  auto issuer = std::make_shared<TokenIssuer>();
  issuer->issuer = discovery->issuer;
  issuer->tenant_id = discovery->tenant_id;
  issuer->keys = std::move(*keys);
  issuer->digest = digest_of(*text);
  issuer->fetched_at = asked;
  co_return std::shared_ptr<const TokenIssuer>(std::move(issuer));
}

net::Task<base::Result<std::string>> KeyRefresher::fetch_text(std::string target,
                                                              std::size_t max_bytes) {
  upstream::FetchRequest request;
  request.target = std::move(target);
  request.fields.add("accept", "application/json");
  request.max_answer_bytes = max_bytes;
  auto answer = co_await upstream::fetch(surroundings_.transport, authority_, request, kFetchTime);
  if (!answer) co_return answer.error();
  const unsigned status = answer->head.status;
  if (status == 200) co_return std::move(answer->body);
  co_return Error(Fault::upstream_malformed, Side::upstream,
                  "status " + std::to_string(status) + " for " + request.target);
}

std::shared_ptr<const TokenIssuer> KeyRefresher::published(TokenVersion version) const {
  const auto issuers = keys_->issuers();
  return issuers->tenants()[tenant_].issuers[static_cast<std::size_t>(version)];
}

void KeyRefresher::accept(TokenVersion version, std::shared_ptr<const TokenIssuer> issuer) {
  const std::uint64_t before = keys_->generation();
  const std::size_t count = issuer->keys.size();
  const std::size_t left_out = issuer->keys.left_out();
  keys_->publish(tenant_, version, std::move(issuer));
  if (keys_->generation() == before) return;
  tell(LogLevel::info, "keys_changed",
       {{"version", std::string(name_of(version))},
        {"keys", std::to_string(count)},
        {"left_out", std::to_string(left_out)}});
}

void KeyRefresher::finish(const std::string& problems) {
  const base::SteadyTime now = surroundings_.clock.steady_now();
  if (!problems.empty()) {
    schedule_.note_failure(problems, now, jitter());
    publish_status();
    tell(LogLevel::error, "keys_fetch_failed",
         {{"failures", std::to_string(schedule_.failures_in_a_row())}, {"why", problems}});
    withdraw_stale();
    return;
  }
  const bool was_failing = schedule_.failures_in_a_row() > 0;
  schedule_.note_fetched(now, jitter());
  all_fetched_at_ = std::chrono::system_clock::now();
  publish_status();
  // Whoever missed a key while it was being fetched has it now, or will ask again.
  (void)keys_->take_unknown_key(tenant_);
  if (was_failing) tell(LogLevel::info, "keys_refreshed", {});
}

// From then on their tokens are refused with keys_unavailable, until a fetch succeeds.
void KeyRefresher::withdraw_stale() {
  for (const TokenVersion version : kVersions) {
    const auto issuer = published(version);
    if (!issuer || !are_keys_stale(issuer->fetched_at, surroundings_.clock.steady_now())) continue;
    keys_->publish(tenant_, version, nullptr);
    publish_status();
    tell(LogLevel::error, "keys_withdrawn", {{"version", std::string(name_of(version))}});
  }
}

void KeyRefresher::publish_status() {
  EntraKeysStatus status;
  status.state = schedule_.state();
  for (const TokenVersion version : kVersions) {
    const auto issuer = published(version);
    if (issuer) status.keys = std::max(status.keys, issuer->keys.size());
  }
  status.fetched_at = all_fetched_at_;
  status.last_error = schedule_.last_error();
  keys_->set_status(tenant_, std::move(status));
}

void KeyRefresher::tell(LogLevel level, std::string_view name, Fields fields) {
  fields.emplace_back("tenant", keys_->tenant_name(tenant_));
  on_event_(level, name, std::move(fields));
}

}  // namespace spillway::identity
