// The part of GatewayProcess that replaces its configuration: load, build, then swap. Everything
// that can fail comes before anything changes.

#include <spillway/daemon/gateway_process.hpp>
#include <spillway/daemon/snapshot_builder.hpp>

#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace spillway::daemon {

using base::Error;
using base::Result;
using base::SteadyClock;
using telemetry::LogLevel;

namespace {

constexpr auto kLookAtFiles = std::chrono::seconds(1);
constexpr auto kLookups = std::chrono::seconds(2);
constexpr auto kReloadPoll = std::chrono::milliseconds(10);

bool is_same(const std::optional<config::Admin>& one, const std::optional<config::Admin>& other) {
  if (!one || !other) return one.has_value() == other.has_value();
  return one->address == other->address && one->token.reveal() == other->token.reveal();
}

}  // namespace

void GatewayProcess::request_reload() {
  net::asio::post(context_, [this] { tasks_.spawn(reload()); });
}

void GatewayProcess::watch_files_of(const config::Configuration& configuration) {
  std::vector<std::string> files;
  if (!hooks_.config_file.empty()) files.push_back(hooks_.config_file);
  for (const config::FileUse& use : configuration.files)
    files.push_back(use.file);
  files_.watch(files);
}

net::Task<void> GatewayProcess::watch_files() {
  for (;;) {
    co_await pause(kLookAtFiles);
    if (files_.has_changed()) co_await reload();
  }
}

// One at a time; what is asked for meanwhile is done once more afterwards.
net::Task<void> GatewayProcess::reload() {
  if (std::exchange(is_reloading_, true)) {
    is_reload_due_ = true;
    co_return;
  }
  do {
    is_reload_due_ = false;
    while (is_changing_hands() && stop_requests_ == 0)
      co_await pause(kReloadPoll);
    co_await reload_once();
  } while (is_reload_due_);
  is_reloading_ = false;
}

// Then sockets must stay what they are.
bool GatewayProcess::is_changing_hands() const {
  return !is_serving_ || (hand_over_ && hand_over_->is_under_way());
}

net::Task<void> GatewayProcess::reload_once() {
  if (!hooks_.load || stop_requests_ > 0) co_return;
  hooks_.service.tell(reloading_message(SteadyClock::now()));
  co_await take_new_configuration();
  if (stop_requests_ == 0) hooks_.service.tell("READY=1");
}

net::Task<void> GatewayProcess::take_new_configuration() {
  auto next = load_snapshot();
  if (!next) {
    keep_old(next.error());
    co_return;
  }
  // A backend whose name nobody knows yet would be out for its first requests.
  const base::SteadyTime give_up_at = SteadyClock::now() + kLookups;
  while (!resolver_.has_tried_all() && SteadyClock::now() < give_up_at)
    co_await pause(kReloadPoll);
  if (stop_requests_ > 0) co_return;
  const auto& listeners = next.value()->configuration.listeners;
  if (const auto listening = listeners_.prepare(listeners, workers_); !listening) {
    keep_old(listening.error());
    co_return;
  }
  put_in_force(std::move(next.value()));
}

Result<std::shared_ptr<const gateway::Snapshot>> GatewayProcess::load_snapshot() {
  auto configuration = hooks_.load();
  if (!configuration) return configuration.error();
  SnapshotSurroundings surroundings{states_, resolver_, clock(), proxies_};
  surroundings.previous = snapshot_.get();
  return build_snapshot(std::move(configuration.value()), surroundings);
}

void GatewayProcess::put_in_force(std::shared_ptr<const gateway::Snapshot> snapshot) {
  const config::Configuration& configuration = snapshot->configuration;
  tell_what_needs_a_restart(configuration);
  const auto before = snapshot_->configuration.limits.max_connections;
  if (before != configuration.limits.max_connections) judge_descriptors(configuration.limits);
  snapshot_ = std::move(snapshot);
  last_config_error_.clear();
  refreshers_->follow(*snapshot_);
  for (const auto& worker : workers_)
    worker->follow(snapshot_, listeners_.listened_on());
  states_.retain(configuration.backends);
  watch_files_of(configuration);
  if (hooks_.on_reload) hooks_.on_reload(configuration);
  tell(LogLevel::info, "reloaded", {{"digest", configuration.digest}});
}

void GatewayProcess::keep_old(const Error& problem) {
  last_config_error_ = problem.detail();
  tell(LogLevel::error, "reload_failed",
       {{"what", problem.detail()}, {"digest", snapshot_->configuration.digest}});
}

void GatewayProcess::tell_what_needs_a_restart(const config::Configuration& next) const {
  const config::Configuration& now = snapshot_->configuration;
  std::string what;
  const auto add = [&](bool is_changed, std::string_view key) {
    if (!is_changed) return;
    if (!what.empty()) what += ", ";
    what += key;
  };
  add(now.server.threads != next.server.threads, "server.threads");
  add(now.server.state_directory != next.server.state_directory, "server.state_directory");
  add(now.server.upgrade_socket != next.server.upgrade_socket, "server.upgrade_socket");
  add(!is_same(now.admin, next.admin), "admin");
  if (!what.empty()) tell(LogLevel::warning, "reload_needs_restart", {{"what", what}});
}

}  // namespace spillway::daemon
