#pragma once
// What is counted while the time is taken, and how it is written down.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::bench {

/// Durations, of which percentiles are wanted.
class Sample {
 public:
  void add(std::chrono::nanoseconds duration) {
    values_us_.push_back(static_cast<float>(duration.count()) / 1000.0F);
  }
  void clear() { values_us_.clear(); }
  /// A JSON object of p50, p99, p999, max in microseconds; null without values.
  [[nodiscard]] std::string json();

 private:
  std::vector<float> values_us_;
};

struct Figures {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;  // not 200, or no answer
  std::uint64_t events = 0;
  Sample latency;
  Sample first_byte;  // of the body
  Sample lateness;    // of events
  double seconds = 0;
  std::uint64_t cpu_ns = 0;  // of the proxy
  std::uint64_t rss_kib = 0;
  std::uint64_t rss_without_idle_kib = 0;
  std::uint64_t rss_with_idle_kib = 0;
  std::uint64_t idle = 0;

  [[nodiscard]] std::string json();
};

}  // namespace spillway::bench
