// The part of GatewayProcess that ends it: drain, then cut what is left.

#include <spillway/daemon/gateway_process.hpp>

#include <boost/asio/post.hpp>

#include <chrono>

namespace spillway::daemon {

using base::SteadyClock;
using gateway::IdleClients;
using telemetry::LogLevel;

namespace {

constexpr auto kDrainPoll = std::chrono::milliseconds(10);
constexpr auto kAfterCut = std::chrono::seconds(5);
constexpr auto kStillDraining = std::chrono::seconds(2);

}  // namespace

void GatewayProcess::request_stop() {
  net::asio::post(context_, [this] { begin_stop(); });
}

void GatewayProcess::begin_stop() {
  ++stop_requests_;
  if (!is_serving_) {
    context_.stop();
  } else if (stop_requests_ > 1) {
    cut();
  } else {
    begin_drain(IdleClients::close);
  }
}

void GatewayProcess::begin_drain(IdleClients idle_clients) {
  process_.is_draining.store(true);
  listeners_.forget_sockets();
  for (const auto& worker : workers_)
    worker->drain(idle_clients);
  // Whoever hears of it finds the workers told already.
  tell(LogLevel::info, "draining",
       {{"requests_in_flight", std::to_string(process_.requests_in_flight.load())}});
  tasks_.spawn(drain());
  if (hooks_.service.is_heard()) tasks_.spawn(tell_drain());
}

void GatewayProcess::cut() {
  if (have_workers_ended()) return;
  tell(LogLevel::warning, "drain_cut",
       {{"requests_in_flight", std::to_string(process_.requests_in_flight.load())}});
  for (const auto& worker : workers_)
    worker->cut();
}

net::Task<void> GatewayProcess::drain() {
  const base::SteadyTime cut_at =
      SteadyClock::now() + snapshot_->configuration.server.drain_timeout;
  while (!have_workers_ended() && SteadyClock::now() < cut_at)
    co_await pause(kDrainPoll);
  if (!have_workers_ended()) {
    cut();
    const base::SteadyTime give_up_at = SteadyClock::now() + kAfterCut;
    while (!have_workers_ended() && SteadyClock::now() < give_up_at)
      co_await pause(kDrainPoll);
  }
  tell(LogLevel::info, "stopped", {});
  context_.stop();
}

// The service manager would kill us after its own time: it is told that we are not stuck. Of a
// successor it hears from that one, and that we stop would be taken for its end.
net::Task<void> GatewayProcess::tell_drain() {
  if (has_successor_) co_return;
  for (;;) {
    std::string text = "STOPPING=1\nEXTEND_TIMEOUT_USEC=10000000\nSTATUS=Draining, ";
    text += std::to_string(process_.requests_in_flight.load());
    text += " requests in flight";
    hooks_.service.tell(text);
    co_await pause(kStillDraining);
  }
}

}  // namespace spillway::daemon
