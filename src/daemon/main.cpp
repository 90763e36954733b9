// spillway serve | check | version | healthcheck. Exit codes: 0 clean stop, 1 run-time failure, 2
// bad usage or configuration.

#include <spillway/config/load.hpp>
#include <spillway/daemon/descriptors.hpp>
#include <spillway/daemon/gateway_process.hpp>
#include <spillway/daemon/healthcheck.hpp>
#include <spillway/daemon/listeners.hpp>
#include <spillway/daemon/options.hpp>
#include <spillway/daemon/process_setup.hpp>
#include <spillway/daemon/version.hpp>
#include <spillway/telemetry/log.hpp>

#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <unistd.h>

namespace {

using spillway::config::Configuration;
using spillway::daemon::Event;
using spillway::daemon::GatewayHooks;
using spillway::daemon::GatewayProcess;
namespace base = spillway::base;
namespace config = spillway::config;
namespace daemon = spillway::daemon;  // hides ::daemon of unistd.h
namespace telemetry = spillway::telemetry;

constexpr int kRunTimeFailure = 1;
constexpr int kBadConfiguration = 2;

void print_problems(const std::vector<config::Problem>& problems, const std::string& file) {
  for (const auto& problem : problems)
    std::cerr << config::describe(problem, file) << '\n';
}

struct LoadedFile {
  std::optional<Configuration> configuration;
  std::vector<std::string> problems;  // in lines for the operator
  bool is_read = true;                // else there is one problem: why not
};

LoadedFile read_configuration(const std::string& file) {
  LoadedFile result;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    result.problems.push_back(file +
                              ": cannot be read; is the path right, and may this user read it?");
    result.is_read = false;
    return result;
  }
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  config::Loaded loaded = config::load(text, config::system_sources());
  for (const auto& problem : loaded.problems)
    result.problems.push_back(config::describe(problem, file));
  if (loaded.problems.empty()) result.configuration = std::move(loaded.configuration);
  return result;
}

std::optional<Configuration> load_file(const std::string& file) {
  LoadedFile loaded = read_configuration(file);
  for (const std::string& problem : loaded.problems)
    std::cerr << problem << '\n';
  if (loaded.is_read && !loaded.problems.empty()) {
    std::cerr << file << ": " << loaded.problems.size() << " problem(s), nothing was started\n";
  }
  return std::move(loaded.configuration);
}

// For a reload: all in one text, as far as a line of the log should go.
base::Result<Configuration> load_again(const std::string& file) {
  constexpr std::size_t kMostShown = 5;
  LoadedFile loaded = read_configuration(file);
  if (loaded.configuration) {
    for (const auto& problem : config::check_files(*loaded.configuration))
      loaded.problems.push_back(config::describe(problem, file));
  }
  if (loaded.problems.empty()) return std::move(*loaded.configuration);
  std::string what;
  for (std::size_t i = 0; i < loaded.problems.size() && i < kMostShown; ++i)
    what += (what.empty() ? "" : "; ") + loaded.problems[i];
  if (loaded.problems.size() > kMostShown) {
    what += "; and " + std::to_string(loaded.problems.size() - kMostShown) + " more";
  }
  return base::Error(base::Fault::internal, base::Side::gateway, what);
}

telemetry::LogLevel level_of(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::trace:
      return telemetry::LogLevel::trace;
    case config::LogLevel::debug:
      return telemetry::LogLevel::debug;
    case config::LogLevel::info:
      return telemetry::LogLevel::info;
    case config::LogLevel::warning:
      return telemetry::LogLevel::warning;
    case config::LogLevel::error:
      return telemetry::LogLevel::error;
    case config::LogLevel::critical:
      return telemetry::LogLevel::critical;
  }
  return telemetry::LogLevel::info;
}

base::Result<void> set_up_log(const config::Log& log) {
  telemetry::log::Settings settings;
  settings.level = level_of(log.level);
  settings.format = log.format == config::LogFormat::json ? telemetry::LogFormat::json
                                                          : telemetry::LogFormat::text;
  settings.has_access = log.access;
  settings.file = log.file;
  return telemetry::log::set_up(settings);
}

void tell_log_problem(const base::Result<void>& opened) {
  if (!opened) telemetry::log::error("log_reopen_failed", {{"what", opened.error().detail()}});
}

void write_event(const Event& event) {
  std::vector<telemetry::log::Field> fields;
  for (const auto& [key, value] : event.fields)
    fields.emplace_back(key, value);
  telemetry::log::write(event.level, event.name, fields);
}

std::optional<std::string> environment_of(std::string_view name) {
  return config::system_sources().environment(std::string(name));
}

// Whoever we might start, or a second reading, would take them for its own.
void forget_service_variables() {
  for (const char* name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "NOTIFY_SOCKET",
                           "WATCHDOG_USEC", "WATCHDOG_PID"})
    ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe): there is no other thread yet
}

base::Result<GatewayHooks> make_hooks(const daemon::Options& options) {
  GatewayHooks hooks;
  hooks.service = daemon::ServiceNotify(environment_of, ::getpid());
  auto sockets = daemon::InheritedSockets::from_service_manager(environment_of, ::getpid());
  forget_service_variables();
  if (!sockets) return sockets.error();
  hooks.sockets = std::move(sockets.value());
  hooks.start = options.takes_over ? daemon::Start::take_over : daemon::Start::alone;
  hooks.on_access = telemetry::log::access;
  hooks.on_event = write_event;
  hooks.config_file = options.config_file;
  hooks.load = [file = options.config_file] { return load_again(file); };
  hooks.on_reload = [](const Configuration& next) { tell_log_problem(set_up_log(next.log)); };
  hooks.on_reopen = [] { tell_log_problem(telemetry::log::reopen()); };
  return hooks;
}

void print_urls(const GatewayProcess& process) {
  for (const auto& url : process.listener_urls())
    std::cout << "listening on " << url << '\n';
  if (!process.admin_url().empty()) std::cout << "admin on " << process.admin_url() << '\n';
  std::cout.flush();
}

int fail(const base::Error& error) {
  std::cerr << "spillway: " << error.detail() << '\n';
  return kRunTimeFailure;
}

int run_gateway(Configuration configuration, GatewayHooks hooks) {
  GatewayProcess* running = nullptr;
  hooks.on_ready = [&running] { print_urls(*running); };
  GatewayProcess process(std::move(configuration), environment_of, std::move(hooks));
  running = &process;
  process.handle_signals();
  if (const auto prepared = process.prepare(); !prepared) return fail(prepared.error());
  const auto served = process.run();
  return served ? 0 : fail(served.error());
}

int serve(const daemon::Options& options) {
  daemon::keep_standard_descriptors();
  daemon::protect_memory();
  daemon::ignore_signals();
  const std::string& file = options.config_file;
  auto configuration = load_file(file);
  if (!configuration) return kBadConfiguration;
  if (const auto problems = config::check_files(*configuration); !problems.empty()) {
    print_problems(problems, file);
    return kRunTimeFailure;
  }
  daemon::raise_descriptor_limit();  // a connection is a descriptor
  daemon::reserve_descriptors(configuration->limits.max_connections);
  auto hooks = make_hooks(options);
  if (!hooks) return fail(hooks.error());
  if (const auto opened = set_up_log(configuration->log); !opened) return fail(opened.error());
  const int code = run_gateway(std::move(*configuration), std::move(hooks.value()));
  telemetry::log::shut_down();
  return code;
}

int check(const std::string& file) {
  const auto configuration = load_file(file);
  if (!configuration) return kBadConfiguration;
  if (const auto problems = config::check_files(*configuration); !problems.empty()) {
    print_problems(problems, file);
    return kBadConfiguration;
  }
  if (const auto tls = daemon::check_listener_tls(configuration->listeners); !tls) {
    std::cerr << file << ": listeners: " << tls.error().detail() << '\n';
    return kBadConfiguration;
  }
  std::cout << file << ": ok\n";
  return 0;
}

int healthcheck(const std::string& file) {
  const auto configuration = load_file(file);
  if (!configuration) return kBadConfiguration;
  const auto verdict = daemon::check_health(*configuration);
  if (verdict) return 0;
  std::cerr << "spillway: " << verdict.error().detail() << '\n';
  return kRunTimeFailure;
}

int run(const daemon::Options& options) {
  switch (options.command) {
    case daemon::Command::serve:
      return serve(options);
    case daemon::Command::check:
      return check(options.config_file);
    case daemon::Command::healthcheck:
      return healthcheck(options.config_file);
    case daemon::Command::version:
      std::cout << "spillway " << daemon::kVersion << '\n';
      return 0;
  }
  return kBadConfiguration;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto parsed = daemon::parse_options(argc, argv);
    return parsed.options ? run(*parsed.options) : parsed.exit_code;
  } catch (const std::exception& error) {
    std::cerr << "spillway: " << error.what() << '\n';
    return kRunTimeFailure;
  }
}
