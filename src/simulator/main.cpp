#include "simulator/config.hpp"
#include "simulator/simulator.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <string>

namespace {

/// Blocks until SIGINT or SIGTERM. They are blocked before the simulator's thread starts, so that
/// only this call sees them.
void wait_for_signal(const sigset_t& signals) {
  int received = 0;
  sigwait(&signals, &received);
}

sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int serve(const std::string& config_file) {
  const auto signals = block_stop_signals();
  const auto config = spillway::simulator::load_config(config_file);
  const auto simulator = spillway::simulator::Simulator::start(config);
  for (const auto& line : simulator->listening())
    std::printf("listening %s\n", line.c_str());
  std::printf("ready\n");
  std::fflush(stdout);
  wait_for_signal(signals);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A simulated Azure OpenAI: endpoints with limits, Entra, and faults to order");
  std::string config_file;
  app.add_option("--config", config_file, "YAML file; docs/simulator.md describes it")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    return serve(config_file);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
