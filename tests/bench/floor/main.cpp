// The floor of the benchmark: the least that a proxy on this machine can cost.

#include "bench/floor/relay.hpp"
#include "bench/wire/listener.hpp"
#include "bench/wire/stop_signal.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <string>

namespace spillway::bench {
namespace {

struct Options {
  std::uint16_t port = 0;
  std::uint16_t tls_port = 0;
  std::string certificate_file;
  std::string key_file;
  std::vector<std::uint16_t> backends;
  bool is_tls_out = false;
};

int run(const Options& options) {
  stop_on_signals();
  Poller poller;
  UpstreamPool pool(poller, options.backends, options.is_tls_out ? client_tls() : nullptr);
  const auto begin = [&](Conduit conduit) {
    poller.adopt(std::make_unique<Downstream>(poller, std::move(conduit), pool));
  };
  poller.adopt(
      std::make_unique<Listener>(poller, listen_on_loopback(options.port), nullptr, begin));
  const TlsContext tls = server_tls(options.certificate_file, options.key_file);
  poller.adopt(
      std::make_unique<Listener>(poller, listen_on_loopback(options.tls_port), tls, begin));
  while (is_stop_wanted == 0)
    poller.turn();
  return 0;
}

}  // namespace
}  // namespace spillway::bench

int main(int argc, char** argv) {
  CLI::App app("A pass-through that only moves bytes, for benchmarks");
  spillway::bench::Options options;
  app.add_option("--port", options.port, "plain")->required();
  app.add_option("--tls-port", options.tls_port, "with TLS")->required();
  app.add_option("--certificate", options.certificate_file, "for TLS")->required();
  app.add_option("--certificate-key", options.key_file, "its private key")->required();
  app.add_option("--backend", options.backends, "ports on loopback, taken in turn")->required();
  app.add_flag("--tls-out", options.is_tls_out, "TLS to the backends");
  CLI11_PARSE(app, argc, argv);
  try {
    return spillway::bench::run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_floor: %s\n", error.what());
    return 1;
  }
}
