// The part of GatewayProcess that takes over from the gateway before, and hands over to the next.

#include "hand_over_message.hpp"
#include <spillway/admin/status_report.hpp>
#include <spillway/daemon/gateway_process.hpp>

#include <chrono>
#include <utility>

namespace spillway::daemon {

using base::Result;
using base::SteadyClock;
using telemetry::LogLevel;

namespace {

constexpr auto kSuccessionPoll = std::chrono::milliseconds(10);
constexpr auto kReadyWithin = std::chrono::seconds(60);  // tokens, keys of issuers
constexpr std::chrono::milliseconds kStoreWithin{5000};

}  // namespace

Result<void> GatewayProcess::find_predecessor() {
  listeners_.inherited() = std::move(hooks_.sockets);
  const std::string& path = snapshot_->configuration.server.upgrade_socket;
  const bool takes_over = hooks_.start == Start::take_over;
  if (path.empty()) {
    if (!takes_over) return {};
    return hand_over_failure("--take-over needs server.upgrade_socket, in both configurations");
  }
  auto found = Predecessor::find(path);
  if (!found) return found.error();
  if (!found.value()) {
    if (takes_over) tell(LogLevel::info, "nobody_to_take_over_from", {{"upgrade_socket", path}});
    return {};
  }
  if (!takes_over) {
    return hand_over_failure("another gateway waits for its successor at server.upgrade_socket " +
                             path + "; start with --take-over, or give each its own");
  }
  predecessor_ = std::move(found.value());
  return predecessor_->take_sockets(listeners_.inherited());
}

// A socket of the service manager that nobody listens on is a mistake in one of two files. One of
// the gateway before is an address that the new configuration leaves out.
Result<void> GatewayProcess::check_sockets() {
  InheritedSockets rest = std::exchange(listeners_.inherited(), InheritedSockets());
  if (rest.is_empty()) return {};
  if (predecessor_) {
    tell(LogLevel::info, "sockets_not_taken_over", {{"sockets", rest.describe()}});
    return {};
  }
  return hand_over_failure(
      "sockets were passed to Spillway (LISTEN_FDS) that no listener has the "
      "address of: " +
      rest.describe() +
      "; add a listener with that very address, or take it out of the .socket "
      "unit");
}

Result<void> GatewayProcess::prepare_hand_over() {
  const std::string& path = snapshot_->configuration.server.upgrade_socket;
  if (path.empty()) return {};
  hand_over_ = std::make_unique<HandOver>(context_, wheel_, hand_over_actions());
  auto prepared = hand_over_->prepare(path);
  // With a predecessor the name stays its own until it has left.
  if (!prepared || predecessor_) return prepared;
  return hand_over_->publish();
}

HandOverActions GatewayProcess::hand_over_actions() {
  HandOverActions actions;
  actions.sockets = [this] {
    tell(LogLevel::info, "handing_over", {});
    auto sockets = listeners_.sockets();
    if (admin_) sockets.push_back({std::string(kAdminSocket), {admin_descriptor_}});
    return sockets;
  };
  actions.release_store = [this] {
    return !affinity_store_ || affinity_store_->release(kStoreWithin);
  };
  actions.take_back = [this](const std::string& why) {
    tell(LogLevel::error, "hand_over_failed", {{"what", why}});
    if (affinity_store_) affinity_store_->resume();
  };
  actions.leave = [this] { leave_to_successor(); };
  return actions;
}

// Waits until this process can serve, and only then lets the other go.
net::Task<Result<void>> GatewayProcess::succeed() {
  if (!predecessor_) co_return Result<void>();
  const base::SteadyTime give_up_at = SteadyClock::now() + kReadyWithin;
  auto reasons = admin::reasons_not_ready(status_sources(), SteadyClock::now());
  while (!reasons.empty() && SteadyClock::now() < give_up_at) {
    co_await pause(kSuccessionPoll);
    reasons = admin::reasons_not_ready(status_sources(), SteadyClock::now());
  }
  if (!reasons.empty()) {
    const std::string why = "not ready to take over within a minute: " + reasons.front();
    co_return hand_over_failure(why);
  }
  if (auto succeeded = predecessor_->succeed(); !succeeded) {
    predecessor_.reset();
    co_return succeeded;
  }
  if (const auto published = hand_over_->publish(); !published) {
    tell(LogLevel::error, "upgrade_socket_failed", {{"what", published.error().detail()}});
  }
  predecessor_.reset();
  tell(LogLevel::info, "took_over", {});
  co_return Result<void>();
}

void GatewayProcess::leave_to_successor() {
  tell(LogLevel::info, "handed_over", {});
  has_successor_ = true;
  // What waits at the admin port is for the successor; the workers' sockets it has as well, but
  // perhaps not all of them.
  if (admin_) admin_->leave();
  if (stop_requests_ > 0) return;
  ++stop_requests_;
  begin_drain(gateway::IdleClients::await);
}

}  // namespace spillway::daemon
