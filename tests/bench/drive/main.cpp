// Load for whatever listens on a port of this machine; prints one line of JSON. scripts/bench
// starts what it needs.

#include "bench/drive/drive.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <sys/prctl.h>

namespace spillway::bench {
namespace {

void describe(CLI::App& app, Order& order) {
  app.add_option("--port", order.port, "whom to call")->required();
  app.add_flag("--tls", order.is_tls, "with TLS, nothing verified");
  app.add_option("--pid", order.processes, "processes whose time and memory are taken");
  app.add_option("--deployment", order.deployment, "in the path; stream-50x20: 50 events, 20 ms");
  app.add_option("--operation", order.operation, "the rest of the path");
  app.add_option("--body-bytes", order.body_bytes, "of a request");
  app.add_flag("--stream", order.is_stream, "asks for a stream");
  app.add_option("--credential", order.credential, "a whole header field");
  app.add_option("--connections", order.connections, "at the same time");
  app.add_option("--warm-up", order.warm_up_s, "seconds before the time is taken");
  app.add_option("--seconds", order.seconds, "for which the time is taken");
  app.add_option("--stagger", order.stagger_s, "seconds within which the connections begin");
  app.add_option("--rate", order.rate, "requests a second, whatever the answers do");
  app.add_flag("--reconnect", order.reconnects, "a connection for each request");
  app.add_option("--idle", order.idle, "further connections, which only wait");
  app.add_option("--refuse", order.refused_percent, "percent that the backend refuses once");
  app.add_option("--refuse-status", order.refused_status, "with this status");
}

int run(const Order& order) {
  prctl(PR_SET_TIMERSLACK, 1UL);  // an open loop sends when it is due
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  Figures figures = Drive(order).run();
  std::printf("%s\n", figures.json().c_str());
  return 0;
}

}  // namespace
}  // namespace spillway::bench

int main(int argc, char** argv) {
  CLI::App app("Load from one core, for benchmarks");
  spillway::bench::Order order;
  spillway::bench::describe(app, order);
  CLI11_PARSE(app, argc, argv);
  try {
    return spillway::bench::run(order);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_drive: %s\n", error.what());
    return 1;
  }
}
