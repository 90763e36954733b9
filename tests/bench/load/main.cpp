// Load for a gateway that runs already: `soak` sends the mix of calls and watches what the process
// holds, `crowd` compares throughput with and without clients that only take places.
// scripts/soak starts everything and calls both.

#include "bench/load/crowd.hpp"
#include "bench/load/load.hpp"
#include "bench/load/process_figures.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace spillway::bench {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

struct Options {
  std::uint16_t port = 0;
  std::string key;
  int pid = 0;  // of the gateway
  unsigned callers = 64;
  std::uint64_t requests = 1'000'000;
  std::uint64_t seed = 20261125;
  unsigned idle = 5'000;
  unsigned slow = 500;
  unsigned rounds = 3;
  unsigned seconds = 5;  // of each half of a round
};

constexpr unsigned kSamples = 20;

asio::ip::tcp::endpoint gateway_of(const Options& options) {
  return {asio::ip::address_v4::loopback(), options.port};
}

std::uint32_t percentile(std::vector<std::uint32_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(last * share)];
}

void print_counts(const LoadCounts& counts) {
  std::printf(
      "answered %llu: right %llu, nobody could serve %llu; cut visibly %llu, hung up %llu, "
      "connection ended before the answer %llu, WRONG %llu\n",
      static_cast<unsigned long long>(counts.answered),
      static_cast<unsigned long long>(counts.right),
      static_cast<unsigned long long>(counts.unavailable),
      static_cast<unsigned long long>(counts.cut), static_cast<unsigned long long>(counts.hung_up),
      static_cast<unsigned long long>(counts.unreached),
      static_cast<unsigned long long>(counts.wrong));
}

void print_latencies(std::vector<std::uint32_t> latencies) {
  std::sort(latencies.begin(), latencies.end());
  std::printf("latency in ms: p50 %.2f, p99 %.2f, p99.9 %.2f, worst %.2f\n",
              percentile(latencies, 0.5) / 1000.0, percentile(latencies, 0.99) / 1000.0,
              percentile(latencies, 0.999) / 1000.0, percentile(latencies, 1.0) / 1000.0);
}

class Watch {
 public:
  explicit Watch(const Options& options)
      : options_(options), each_(std::max<std::uint64_t>(1, options.requests / kSamples)) {
    std::printf("%10s %12s %12s %10s\n", "requests", "RSS KiB", "descriptors", "CPU ms");
    sample(0);
  }

  void note(const LoadCounts& counts) {
    const std::uint64_t done = counts.answered + counts.cut + counts.hung_up + counts.unreached;
    if (done >= next_) sample(done);
  }

 private:
  void sample(std::uint64_t done) {
    const ProcessFigures figures = read_process_figures(options_.pid);
    std::printf("%10llu %12llu %12llu %10llu\n", static_cast<unsigned long long>(done),
                static_cast<unsigned long long>(figures.rss_kib),
                static_cast<unsigned long long>(figures.descriptors),
                static_cast<unsigned long long>(figures.cpu_ms));
    std::fflush(stdout);
    next_ = done + each_;
  }

  const Options& options_;
  std::uint64_t each_;
  std::uint64_t next_ = 0;
};

int soak(const Options& options) {
  asio::io_context loop(1);
  const Calls calls("127.0.0.1", options.key);
  Watch watch(options);
  LoadOrder order;
  order.gateway = gateway_of(options);
  order.callers = options.callers;
  order.requests = options.requests;
  order.seed = options.seed;
  Load load(loop, calls, order, [&](const LoadCounts& counts) { watch.note(counts); });
  const auto began = steady_clock::now();
  load.start();
  loop.run();
  const std::chrono::duration<double> took = steady_clock::now() - began;
  print_counts(load.counts());
  print_latencies(load.counts().latencies_us);
  std::printf("%.0f requests/s over %.0f s\n", static_cast<double>(options.requests) / took.count(),
              took.count());
  return load.counts().wrong == 0 ? 0 : 1;
}

struct Half {
  double per_second = 0;
  double cpu_us = 0;  // of the gateway, per request
  std::uint64_t errors = 0;
};

// One stretch of small chats on a loop that may carry a crowd too.
Half measure(asio::io_context& loop, const Options& options, const Calls& calls) {
  LoadOrder order;
  order.gateway = gateway_of(options);
  order.callers = options.callers;
  order.is_mixed = false;
  const auto length = std::chrono::seconds(options.seconds);
  order.until = steady_clock::now() + length;
  const ProcessFigures before = read_process_figures(options.pid);
  Load load(loop, calls, order, [](const LoadCounts&) {});
  load.start();
  while (!load.is_done())
    loop.run_one();
  const ProcessFigures after = read_process_figures(options.pid);
  const LoadCounts& counts = load.counts();
  const auto answered = static_cast<double>(std::max<std::uint64_t>(1, counts.answered));
  const std::chrono::duration<double> seconds = length;
  Half half;
  half.per_second = static_cast<double>(counts.answered) / seconds.count();
  half.cpu_us = static_cast<double>(after.cpu_ms - before.cpu_ms) * 1000.0 / answered;
  half.errors = counts.answered - counts.right + counts.cut + counts.unreached;
  return half;
}

void wait_until_there(asio::io_context& loop, const Crowd& crowd, unsigned wanted) {
  const auto patience = steady_clock::now() + std::chrono::seconds(30);
  while (crowd.connected() < wanted && steady_clock::now() < patience)
    loop.run_one_for(std::chrono::milliseconds(100));
}

void leave(asio::io_context& loop, const Options& options, std::uint64_t base_descriptors) {
  loop.stop();
  const auto patience = steady_clock::now() + std::chrono::seconds(30);
  while (read_process_figures(options.pid).descriptors > base_descriptors + options.callers &&
         steady_clock::now() < patience) {
  }
}

int crowd(const Options& options) {
  const Calls calls("127.0.0.1", options.key);
  std::uint64_t errors = 0;
  std::printf("%6s %14s %14s %8s %12s %12s %10s %10s\n", "round", "alone req/s", "crowded req/s",
              "ratio", "alone us", "crowded us", "connected", "cut off");
  for (unsigned round = 0; round < options.rounds; ++round) {
    asio::io_context quiet(1);
    const Half alone = measure(quiet, options, calls);
    const std::uint64_t descriptors = read_process_figures(options.pid).descriptors;
    Half crowded;
    unsigned connected = 0;
    std::uint64_t cut_off = 0;
    {
      asio::io_context loop(1);
      CrowdOrder order;
      order.gateway = gateway_of(options);
      order.idle = options.idle;
      order.slow = options.slow;
      Crowd others(loop, order);
      others.start();
      wait_until_there(loop, others, options.idle + options.slow);
      crowded = measure(loop, options, calls);
      connected = others.connected();
      cut_off = others.cut_off();
      others.close();
      loop.stop();
    }
    asio::io_context nothing(1);
    leave(nothing, options, descriptors);
    errors += alone.errors + crowded.errors;
    std::printf("%6u %14.0f %14.0f %8.2f %12.1f %12.1f %10u %10llu\n", round + 1, alone.per_second,
                crowded.per_second, crowded.per_second / alone.per_second, alone.cpu_us,
                crowded.cpu_us, connected, static_cast<unsigned long long>(cut_off));
    std::fflush(stdout);
  }
  std::printf("errors: %llu\n", static_cast<unsigned long long>(errors));
  return errors == 0 ? 0 : 1;
}

}  // namespace
}  // namespace spillway::bench

int main(int argc, char** argv) {
  CLI::App app("Load for a gateway on this machine");
  spillway::bench::Options options;
  app.require_subcommand(1);
  app.add_option("--port", options.port, "the gateway's")->required();
  app.add_option("--key", options.key, "a key it knows")->required();
  app.add_option("--pid", options.pid, "its process")->required();
  app.add_option("--callers", options.callers, "calls at a time");
  app.add_option("--seed", options.seed, "of the mix");
  auto* soak = app.add_subcommand("soak", "the mix of calls, and what the process holds meanwhile");
  soak->add_option("--requests", options.requests, "in all");
  auto* crowd = app.add_subcommand("crowd", "throughput with and without clients that only wait");
  crowd->add_option("--idle", options.idle, "silent connections");
  crowd->add_option("--slow", options.slow, "connections that send a head byte by byte");
  crowd->add_option("--rounds", options.rounds, "of both");
  crowd->add_option("--seconds", options.seconds, "of each half of a round");
  app.fallthrough();
  CLI11_PARSE(app, argc, argv);
  return soak->parsed() ? spillway::bench::soak(options) : spillway::bench::crowd(options);
}
