#include "integration/running_gateway.hpp"

#include "integration/http_client.hpp"
#include <spillway/config/load.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace spillway::integration {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);

auto lookup_in(Environment environment) {
  return
      [environment = std::move(environment)](std::string_view name) -> std::optional<std::string> {
        const auto found = environment.find(std::string(name));
        if (found == environment.end()) return std::nullopt;
        return found->second;
      };
}

config::Configuration load_or_throw(const std::string& yaml, const Environment& environment) {
  config::Sources sources = config::system_sources();
  sources.environment = lookup_in(environment);
  config::Loaded loaded = config::load(yaml, sources);
  std::string problems;
  for (const auto& problem : loaded.problems)
    problems += config::describe(problem, "test") + "\n";
  if (!problems.empty()) throw std::runtime_error(problems);
  return std::move(loaded.configuration);
}

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
}

}  // namespace

RunningGateway::RunningGateway(const std::string& yaml, Environment environment,
                               const base::Clock* clock, Memory memory) {
  std::signal(SIGPIPE, SIG_IGN);  // as the daemon does
  daemon::GatewayHooks hooks;
  hooks.clock = clock;
  hooks.memory_in_use = std::move(memory);
  hooks.on_access = [this](const telemetry::AccessRecord& record) {
    const std::lock_guard lock(mutex_);
    records_.push_back(record);
    changed_.notify_all();
  };
  hooks.on_ready = [this] {
    const std::lock_guard lock(mutex_);
    is_ready_ = true;
    changed_.notify_all();
  };
  hooks.on_event = [this](const daemon::Event& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  };
  rewrite(yaml);
  hooks.load = [this, environment] { return load_again(environment); };
  auto configuration = load_or_throw(yaml, environment);
  process_ = std::make_unique<daemon::GatewayProcess>(
      std::move(configuration), lookup_in(std::move(environment)), std::move(hooks));
  if (const auto prepared = process_->prepare(); !prepared) {
    throw std::runtime_error(prepared.error().detail());
  }
  thread_ = std::thread([this] {
    process_->run();
    has_ended_.store(true);
  });
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [this] { return is_ready_; })) {
    throw std::runtime_error("the gateway did not become ready");
  }
}

void RunningGateway::rewrite(const std::string& yaml) {
  const std::lock_guard lock(mutex_);
  yaml_ = yaml;
}

base::Result<config::Configuration> RunningGateway::load_again(const Environment& environment) {
  try {
    std::unique_lock lock(mutex_);
    const std::string yaml = yaml_;
    lock.unlock();
    return load_or_throw(yaml, environment);
  } catch (const std::runtime_error& problems) {
    return base::Error(base::Fault::internal, base::Side::gateway, problems.what());
  }
}

bool RunningGateway::reload(const std::string& yaml) {
  rewrite(yaml);
  const auto count = [this](std::string_view name) {
    return std::count_if(events_.begin(), events_.end(),
                         [&](const auto& event) { return event.name == name; });
  };
  std::unique_lock lock(mutex_);
  const auto good = count("reloaded");
  const auto bad = count("reload_failed");
  lock.unlock();
  process_->request_reload();
  lock.lock();
  EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] {
    return count("reloaded") > good || count("reload_failed") > bad;
  })) << "the reload did not end";
  return count("reloaded") > good;
}

RunningGateway::~RunningGateway() {
  if (!has_ended()) process_->request_stop();
  if (thread_.joinable() && !has_ended())
    process_->request_stop();  // nothing to wait for in a test
  join();
  EXPECT_EQ(process_->process().escaped_exceptions.load(), 0U);
  EXPECT_EQ(process_->process().requests_in_flight.load(), 0U);
  EXPECT_EQ(process_->process().client_connections.load(), 0U);
  EXPECT_EQ(process_->process().replay_memory_bytes.load(), 0U);
}

void RunningGateway::join() {
  if (thread_.joinable()) thread_.join();
}

std::uint16_t RunningGateway::port(std::size_t listener) const {
  return port_of(process_->listener_urls().at(listener));
}

std::uint16_t RunningGateway::admin_port() const {
  return port_of(process_->admin_url());
}

std::vector<telemetry::AccessRecord> RunningGateway::wait_for_records(std::size_t count) {
  std::unique_lock lock(mutex_);
  const bool came = changed_.wait_for(lock, kPatience, [&] { return records_.size() >= count; });
  EXPECT_TRUE(came) << "only " << records_.size() << " of " << count << " requests have settled";
  return records_;
}

void RunningGateway::wait_for_event(std::string_view name, std::size_t count) {
  std::unique_lock lock(mutex_);
  const bool came = changed_.wait_for(lock, kPatience, [&] {
    const auto told = std::count_if(events_.begin(), events_.end(),
                                    [&](const auto& event) { return event.name == name; });
    return static_cast<std::size_t>(told) >= count;
  });
  EXPECT_TRUE(came) << "no " << count << " times " << name;
}

std::vector<daemon::Event> RunningGateway::events() {
  const std::lock_guard lock(mutex_);
  return events_;
}

void RunningGateway::wait_until_ready() const {
  EXPECT_TRUE(eventually([this] { return get(admin_port(), "/readyz").status == 200; }))
      << get(admin_port(), "/readyz").body;
}

std::string start_problem(const std::string& yaml) {
  daemon::GatewayProcess process(load_or_throw(yaml, {}), lookup_in({}), {});
  const auto prepared = process.prepare();
  return prepared ? std::string() : prepared.error().detail();
}

bool eventually(const std::function<bool()>& condition) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace spillway::integration
