// A backend that costs next to nothing: reads a request by its Content-Length or chunks, answers
// with fixed bytes. For measuring what stands in front of it; spillway-sim is the one that behaves
// like Azure.

#include "bench/backend/serving.hpp"
#include "bench/wire/listener.hpp"
#include "bench/wire/stop_signal.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <string>
#include <sys/prctl.h>

namespace spillway::bench {
namespace {

struct Options {
  std::uint16_t port = 0;
  unsigned listeners = 1;
  unsigned stream_events = 20;
  std::string certificate_file;
  std::string key_file;
  Faults faults;
};

void add_listener(Poller& poller, std::uint16_t port, const TlsContext& tls,
                  std::function<void(Conduit)> begin) {
  const int socket = listen_on_loopback(port);
  poller.adopt(std::make_unique<Listener>(poller, socket, tls, std::move(begin)));
  std::printf("listening http%s://127.0.0.1:%u\n", tls ? "s" : "", unsigned{port_of(socket)});
  std::fflush(stdout);
}

int run(const Options& options) {
  prctl(PR_SET_TIMERSLACK, 1UL);  // events are due to the microsecond
  stop_on_signals();
  Poller poller;
  Pacer pacer;
  Answers answers(options.faults, options.stream_events);
  const auto begin = [&](Conduit conduit) {
    poller.adopt(std::make_unique<Serving>(poller, std::move(conduit), answers, pacer));
  };
  for (unsigned i = 0; i < options.listeners; ++i)
    add_listener(poller, i == 0 ? options.port : std::uint16_t{0}, nullptr, begin);
  if (!options.certificate_file.empty()) {
    const TlsContext tls = server_tls(options.certificate_file, options.key_file);
    for (unsigned i = 0; i < options.listeners; ++i)
      add_listener(poller, 0, tls, begin);
  }
  while (is_stop_wanted == 0) {
    if (pacer.is_empty()) {
      poller.turn();
    } else {
      poller.turn(pacer.next());
    }
    pacer.call_due();
  }
  return 0;
}

}  // namespace
}  // namespace spillway::bench

int main(int argc, char** argv) {
  CLI::App app("A backend with fixed answers, for benchmarks");
  spillway::bench::Options options;
  app.add_option("--port", options.port, "of the first listener; 0: a free one");
  app.add_option("--listeners", options.listeners, "so many, as if it were several backends");
  app.add_option("--certificate", options.certificate_file, "as many listeners more, with TLS");
  app.add_option("--certificate-key", options.key_file, "its private key");
  app.add_option("--stream-events", options.stream_events, "data events of a streamed answer");
  app.add_option("--throttle-each", options.faults.throttle_each, "429 for each Nth request");
  app.add_option("--fail-each", options.faults.fail_each, "500 for each Nth request");
  app.add_option("--cut-each", options.faults.cut_each, "half an answer for each Nth request");
  CLI11_PARSE(app, argc, argv);
  try {
    return spillway::bench::run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_backend: %s\n", error.what());
    return 1;
  }
}
