#pragma once
// Many callers on one event loop, each with a connection of its own, one call at a time.

#include "bench/load/call.hpp"
#include <spillway/net/task.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace spillway::bench {

struct LoadCounts {
  std::uint64_t answered = 0;  // all of them
  std::uint64_t right = 0;
  std::uint64_t unavailable = 0;
  std::uint64_t cut = 0;                    // visibly broken off
  std::uint64_t hung_up = 0;                // by the caller, on purpose
  std::uint64_t wrong = 0;                  // what must not be
  std::uint64_t unreached = 0;              // no connection, or it ended before the answer
  std::vector<std::uint32_t> latencies_us;  // of what was answered
};

struct LoadOrder {
  boost::asio::ip::tcp::endpoint gateway;
  unsigned callers = 64;
  std::uint64_t requests = 0;  // in all; 0: until `until`
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
  bool is_mixed = true;  // the mix of a soak; false: the small chat only
  std::uint64_t seed = 1;
};

/// Runs on `loop`, which is of one thread; `each` after every answer. The loop ends when all is
/// done.
class Load {
 public:
  using Each = std::function<void(const LoadCounts&)>;

  Load(net::asio::io_context& loop, const Calls& calls, LoadOrder order, Each each);

  void start();
  [[nodiscard]] const LoadCounts& counts() const { return counts_; }
  [[nodiscard]] bool is_done() const { return callers_left_ == 0; }

 private:
  net::Task<void> call_again_and_again(std::uint64_t seed);
  [[nodiscard]] bool is_more_wanted();
  void note(const Call& call, unsigned status, std::string_view body,
            std::chrono::steady_clock::time_point began);

  net::asio::io_context& loop_;
  const Calls& calls_;
  LoadOrder order_;
  Each each_;
  LoadCounts counts_;
  std::uint64_t begun_ = 0;
  unsigned callers_left_ = 0;
};

}  // namespace spillway::bench
