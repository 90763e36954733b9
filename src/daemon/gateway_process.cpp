#include <spillway/admin/status_report.hpp>
#include <spillway/daemon/gateway_process.hpp>
#include <spillway/daemon/snapshot_builder.hpp>
#include <spillway/daemon/version.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>
#include <variant>

namespace spillway::daemon {
namespace {

using base::Result;
using base::SteadyClock;
using telemetry::LogLevel;

constexpr auto kFirstLookups = std::chrono::seconds(2);
constexpr auto kPoll = std::chrono::milliseconds(10);
constexpr auto kAfterCut = std::chrono::seconds(5);
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
  return hooks;
}

Result<void> GatewayProcess::prepare() {
  if (auto read = read_proxies(); !read) return read;
  const SnapshotSurroundings surroundings{states_, resolver_, clock(), proxies_};
  auto snapshot = build_snapshot(std::move(configuration_), surroundings);
  if (!snapshot) return snapshot.error();
  snapshot_ = std::move(snapshot.value());
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
  return prepare_admin();
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
  auto endpoint = net::reserve_endpoint(admin->address.host, admin->address.port);
  if (!endpoint) return endpoint.error();
  auto acceptor = net::open_acceptor(context_, endpoint.value());
  if (!acceptor) return acceptor.error();
  admin_url_ = url_of(endpoint.value(), false);
  admin_ = std::make_unique<admin::AdminServer>(
      std::move(acceptor.value()), tasks_, wheel_,
      [this](std::string_view path) { return answer_admin(path); }, admin->token);
  return {};
}

admin::AdminAnswer GatewayProcess::answer_admin(std::string_view path) const {
  const base::SteadyTime now = SteadyClock::now();
  const admin::StatusSources sources = {std::string(kVersion), snapshot_, states_, process_,
                                        last_config_error_,    clock()};
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
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  signals_.add(SIGHUP);
  tasks_.spawn(wait_for_signals());
}

net::Task<void> GatewayProcess::wait_for_signals() {
  for (;;) {
    boost::system::error_code error;
    const int signal =
        co_await signals_.async_wait(net::asio::redirect_error(net::use_task, error));
    if (error) co_return;
    if (signal == SIGHUP) {
      tasks_.spawn(reload());
      continue;
    }
    begin_stop();
  }
}

void GatewayProcess::run() {
  refreshers_ = std::make_unique<Refreshers>(
      tasks_, fetch_surroundings(), [this](LogLevel level, std::string_view name, auto fields) {
        tell(level, name, std::move(fields));
      });
  refreshers_->follow(*snapshot_);
  resolver_.wait_for_first(kFirstLookups);
  tasks_.spawn(tick());
  tasks_.spawn(watch_memory());
  if (hooks_.load) {
    watch_files_of(snapshot_->configuration);
    tasks_.spawn(watch_files());
  }
  if (admin_) admin_->start();
  for (const auto& worker : workers_)
    worker->start();
  if (hooks_.on_ready) hooks_.on_ready();
  context_.run();
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

void GatewayProcess::request_stop() {
  net::asio::post(context_, [this] { begin_stop(); });
}

void GatewayProcess::begin_stop() {
  ++stop_requests_;
  if (stop_requests_ > 1) {
    cut();
    return;
  }
  process_.is_draining.store(true);
  tell(LogLevel::info, "draining",
       {{"requests_in_flight", std::to_string(process_.requests_in_flight.load())}});
  for (const auto& worker : workers_)
    worker->drain();
  tasks_.spawn(drain());
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
    co_await pause(kPoll);
  if (!have_workers_ended()) {
    cut();
    const base::SteadyTime give_up_at = SteadyClock::now() + kAfterCut;
    while (!have_workers_ended() && SteadyClock::now() < give_up_at)
      co_await pause(kPoll);
  }
  tell(LogLevel::info, "stopped", {});
  context_.stop();
}

}  // namespace spillway::daemon
