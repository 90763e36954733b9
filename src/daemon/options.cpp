#include <spillway/daemon/options.hpp>

#include <CLI/CLI.hpp>

namespace spillway::daemon {
namespace {

constexpr int kBadUsage = 2;

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& what,
                      std::string& config_file) {
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("-c,--config", config_file, "The YAML file (docs/configuration.md)")
      ->required();
  return command;
}

}  // namespace

Parsed parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Spillway, a gateway for Azure OpenAI", "spillway");
  app.require_subcommand(1);
  app.footer("Exit codes: 0 clean stop, 1 run-time failure, 2 bad usage or configuration.");
  CLI::App* serve =
      add_command(app, "serve", "Serve until SIGTERM or SIGINT, then drain", options.config_file);
  serve->add_flag("--take-over", options.takes_over,
                  "Take the sockets of the gateway that runs (server.upgrade_socket), which then "
                  "drains; start as usual if none does");
  const CLI::App* check = add_command(
      app, "check", "Check a configuration and report every problem", options.config_file);
  const CLI::App* health =
      add_command(app, "healthcheck", "Ask a running gateway's admin port whether it lives",
                  options.config_file);
  app.add_subcommand("version", "Print the version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, app.exit(error) == 0 ? 0 : kBadUsage};
  }
  if (serve->parsed()) {
    options.command = Command::serve;
  } else if (check->parsed()) {
    options.command = Command::check;
  } else if (health->parsed()) {
    options.command = Command::healthcheck;
  } else {
    options.command = Command::version;
  }
  return {options, 0};
}

}  // namespace spillway::daemon
