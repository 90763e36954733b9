#include "hand_over_message.hpp"
#include <spillway/admin/status_report.hpp>
#include <spillway/daemon/gateway_process.hpp>
#include <spillway/daemon/snapshot_builder.hpp>
#include <spillway/daemon/version.hpp>

#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>
#include <unistd.h>
#include <utility>
#include <variant>

namespace spillway::daemon {
namespace {

using base::Result;
using base::SteadyClock;
using telemetry::LogLevel;

constexpr auto kFirstLookups = std::chrono::seconds(2);
constexpr auto kWorkerMustTurn = std::chrono::seconds(5);

std::string milliseconds_until(const std::optional<base::SteadyTime>& until) {
  if (!until) return "";
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - SteadyClock::now());
  return std::to_string(std::max<std::int64_t>(left.count(), 0));
}

Event event_of(const routing::Transition& transition) {
  const bool is_open = transition.to == routing::BreakerState::open;
  Event event;
  event.level = is_open ? LogLevel::warning : LogLevel::info;
  event.name = is_open ? "breaker_opened" : "breaker_closed";
  event.fields = {{"backend", transition.backend},
                  {"deployment", transition.deployment},
                  {"from", std::string(routing::name_of(transition.from))},
                  {"reason", routing::describe(transition.trip)},
                  {"source", std::string(routing::name_of(transition.trip.source))},
                  {"for_ms", milliseconds_until(transition.until)}};
  return event;
}

}  // namespace

GatewayProcess::GatewayProcess(config::Configuration configuration,
                               identity::Environment environment, GatewayHooks hooks)
    : environment_(std::move(environment)),
      hooks_(std::move(hooks)),
      configuration_(std::move(configuration)),
      wheel_(SteadyClock::now()),
      transport_{context_.get_executor(), wheel_, resolver_, connections_},
      tasks_(context_.get_executor(),
             [this](const std::string& what) {
               process_.escaped_exceptions.fetch_add(1);
               tell(LogLevel::critical, "control_failed", {{"what", what}});
             }),
      signals_(context_) {}

GatewayProcess::~GatewayProcess() {
  // They turn still if run() was left early, by an exception or after a cut that did not help.
  for (const auto& worker : workers_) {
    worker->drain();
    worker->cut();
  }
  for (const auto& worker : workers_)
    worker->join();
}

void GatewayProcess::tell(LogLevel level, std::string_view name,
                          std::vector<std::pair<std::string_view, std::string>> fields) const {
  if (!hooks_.on_event) return;
  Event event;
  event.level = level;
  event.name = name;
  event.fields = std::move(fields);
  hooks_.on_event(event);
}

WorkerHooks GatewayProcess::worker_hooks() {
  WorkerHooks hooks;
  hooks.on_access = hooks_.on_access;
  hooks.on_transition = [this](const routing::Transition& transition) {
    if (hooks_.on_event) hooks_.on_event(event_of(transition));
  };
  hooks.on_trouble = [this](std::string_view event, const std::string& what) {
    tell(LogLevel::error, event, {{"what", what}});
  };
  hooks.on_handshake_failure = [this](const HandshakeFailure& failure) {
    tell(LogLevel::info, "tls_handshake_failed",
         {{"peer", failure.peer},
          {"what", failure.what},
          {"untold", std::to_string(failure.untold)}});
  };
  return hooks;
}

Result<void> GatewayProcess::prepare() {
  if (auto read = read_proxies(); !read) return read;
  const SnapshotSurroundings surroundings{states_, resolver_, clock(), proxies_};
  auto snapshot = build_snapshot(std::move(configuration_), surroundings);
  if (!snapshot) return snapshot.error();
  snapshot_ = std::move(snapshot.value());
  if (auto found = find_predecessor(); !found) return found;
  judge_descriptors(snapshot_->configuration.limits);
  if (auto opened = open_affinity_store(); !opened) return opened;
  const unsigned configured = snapshot_->configuration.server.threads;
  const unsigned threads =
      configured != 0 ? configured : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < threads; ++i) {
    workers_.push_back(std::make_unique<Worker>(resolver_, process_, snapshot_, worker_hooks()));
  }
  const auto& listeners = snapshot_->configuration.listeners;
  if (auto listening = listeners_.prepare(listeners, workers_); !listening) return listening;
  if (auto prepared = prepare_admin(); !prepared) return prepared;
  if (auto checked = check_sockets(); !checked) return checked;
  return prepare_hand_over();
}

Result<void> GatewayProcess::read_proxies() {
  auto proxies = upstream::ProxyRules::read(environment_);
  if (!proxies) return proxies.error();
  proxies_ = std::move(proxies.value());
  return {};
}

Result<void> GatewayProcess::open_affinity_store() {
  const std::string& directory = snapshot_->configuration.server.state_directory;
  if (directory.empty()) return {};
  if (predecessor_) {
    if (auto asked = predecessor_->ask_for_store(); !asked) return asked;
  }
  AffinityStoreSettings settings;
  settings.directory = directory;
  settings.bounds = process_.affinity.bounds();
  auto store = AffinityStore::open(settings, process_.affinity,
                                   [this](LogLevel level, std::string_view name, auto fields) {
                                     tell(level, name, std::move(fields));
                                   });
  if (!store) return store.error();
  affinity_store_ = std::move(store.value());
  process_.affinity.set_listener(affinity_store_.get());
  return {};
}

Result<void> GatewayProcess::prepare_admin() {
  const auto& admin = snapshot_->configuration.admin;
  if (!admin) return {};
  auto acceptor = open_admin(admin->address);
  if (!acceptor) return acceptor.error();
  admin_descriptor_ = acceptor.value().number();
  const auto endpoint = net::endpoint_of_listener(admin_descriptor_);
  if (!endpoint) return endpoint.error();
  admin_url_ = url_of(endpoint.value(), false);
  admin_ = std::make_unique<admin::AdminServer>(
      context_.get_executor(), std::move(acceptor.value()), tasks_, wheel_,
      [this](std::string_view path) { return answer_admin(path); }, admin->token);
  return {};
}

Result<base::Descriptor> GatewayProcess::open_admin(const config::Address& address) {
  auto inherited = listeners_.inherited().take(address, kAdminSocket);
  if (!inherited.empty()) {
    return net::adopt_acceptor(std::move(inherited.front()));
  }
  auto endpoint = net::reserve_endpoint(address.host, address.port);
  if (!endpoint) return endpoint.error();
  return net::open_acceptor(endpoint.value());
}

admin::StatusSources GatewayProcess::status_sources() const {
  return {std::string(kVersion), snapshot_, states_, process_, last_config_error_, clock()};
}

admin::AdminAnswer GatewayProcess::answer_admin(std::string_view path) const {
  const base::SteadyTime now = SteadyClock::now();
  const admin::StatusSources sources = status_sources();
  admin::AdminAnswer answer;
  if (path == "/livez") {
    answer.status = do_workers_turn() ? 200 : 503;
    answer.body = answer.status == 200 ? "{\"status\":\"alive\"}\n" : "{\"status\":\"stuck\"}\n";
  } else if (path == "/readyz") {
    const auto reasons = admin::reasons_not_ready(sources, now);
    answer.status = reasons.empty() ? 200 : 503;
    answer.body = admin::readiness_json(reasons);
  } else if (path == "/status") {
    answer.status = 200;
    answer.body = admin::status_json(sources, now, std::chrono::system_clock::now());
  } else {
    answer.body = "{\"error\":\"unknown path; there are /livez, /readyz and /status\"}\n";
  }
  return answer;
}

bool GatewayProcess::do_workers_turn() const {
  const base::SteadyTime now = SteadyClock::now();
  return std::all_of(workers_.begin(), workers_.end(), [&](const auto& worker) {
    return worker->has_ended() || now - worker->last_turn() < kWorkerMustTurn;
  });
}

bool GatewayProcess::have_workers_ended() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->has_ended(); });
}

const base::Clock& GatewayProcess::clock() const {
  return hooks_.clock != nullptr ? *hooks_.clock : base::system_clock();
}

identity::FetchSurroundings GatewayProcess::fetch_surroundings() {
  return {transport_, resolver_, environment_, clock(), proxies_};
}

void GatewayProcess::handle_signals() {
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1})
    signals_.add(signal);
  tasks_.spawn(wait_for_signals());
}

net::Task<void> GatewayProcess::wait_for_signals() {
  for (;;) {
    boost::system::error_code error;
    const int signal =
        co_await signals_.async_wait(net::asio::redirect_error(net::use_task, error));
    if (error) co_return;
    if (signal == SIGUSR1 || signal == SIGHUP) {
      if (hooks_.on_reopen) hooks_.on_reopen();
      if (signal == SIGHUP) tasks_.spawn(reload());
      continue;
    }
    begin_stop();
  }
}

Result<void> GatewayProcess::run() {
  refreshers_ = std::make_unique<Refreshers>(
      tasks_, fetch_surroundings(), [this](LogLevel level, std::string_view name, auto fields) {
        tell(level, name, std::move(fields));
      });
  refreshers_->follow(*snapshot_);
  resolver_.wait_for_first(kFirstLookups);
  tasks_.spawn(tick());
  tasks_.spawn(watch_memory());
  tasks_.spawn(begin());
  context_.run();
  return outcome_;
}

net::Task<void> GatewayProcess::begin() {
  outcome_ = co_await succeed();
  if (outcome_ && stop_requests_ == 0) {
    serve();
    co_return;
  }
  context_.stop();
}

void GatewayProcess::serve() {
  is_serving_ = true;
  if (hooks_.load) {
    watch_files_of(snapshot_->configuration);
    tasks_.spawn(watch_files());
  }
  if (admin_) admin_->start();
  for (const auto& worker : workers_)
    worker->start();
  if (hand_over_) tasks_.spawn(hand_over_->run());
  if (hooks_.on_ready) hooks_.on_ready();
  std::string ready = "READY=1\nSTATUS=Serving";
  if (hooks_.start == Start::take_over) ready += "\nMAINPID=" + std::to_string(::getpid());
  hooks_.service.tell(ready);
  if (const auto interval = hooks_.service.watchdog_interval()) {
    tasks_.spawn(feed_watchdog(*interval));
  }
}

// Silent while a worker is stuck: the service manager then ends us and starts anew.
net::Task<void> GatewayProcess::feed_watchdog(base::Duration interval) {
  bool was_turning = true;
  for (;;) {
    const bool is_turning = do_workers_turn();
    if (is_turning) hooks_.service.tell("WATCHDOG=1");
    if (!is_turning && was_turning) {
      tell(LogLevel::critical, "worker_stuck", {{"what", "the watchdog is not told of us"}});
    }
    was_turning = is_turning;
    co_await pause(interval);
  }
}

net::Task<void> GatewayProcess::pause(base::Duration duration) {
  net::Timer timer(context_.get_executor(), duration);
  boost::system::error_code ignored;
  co_await timer.async_wait(net::asio::redirect_error(net::use_task, ignored));
}

net::Task<void> GatewayProcess::tick() {
  for (;;) {
    co_await pause(net::DeadlineWheel::kTick);
    wheel_.advance(SteadyClock::now());
  }
}

}  // namespace spillway::daemon
