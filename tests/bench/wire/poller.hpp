#pragma once
// An epoll loop without anything around it, for the programs that stand beside what is measured:
// load, backend and floor share one core or set the lower bound, so they must cost nearly nothing.

#include <chrono>
#include <cstdint>
#include <memory>
#include <sys/epoll.h>
#include <unordered_map>
#include <vector>

namespace spillway::bench {

using Clock = std::chrono::steady_clock;

/// What the loop calls when its descriptor is ready.
class Watched {
 public:
  Watched() = default;
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  virtual ~Watched() = default;
  virtual void on_ready(std::uint32_t events) = 0;
};

/// Level-triggered. Owns what it watches.
class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  Watched& adopt(std::unique_ptr<Watched> who);
  void watch(int descriptor, std::uint32_t events, Watched& who);
  void change(int descriptor, std::uint32_t events, Watched& who);
  /// Frees it after this turn: an event for it may lie behind the one that is being handled.
  void retire(Watched& who);

  /// Waits until something is ready, at most until `deadline`, and hands it out.
  void turn(Clock::time_point deadline);
  void turn();

  /// For whoever reads right now; what is in there is gone with the next read.
  [[nodiscard]] std::vector<char>& scratch() { return scratch_; }

 private:
  int wait(Clock::duration most);
  void hand_out(int count);

  int epoll_ = -1;
  std::vector<char> scratch_;
  std::vector<epoll_event> events_;
  std::unordered_map<Watched*, std::unique_ptr<Watched>> watched_;
  std::vector<std::unique_ptr<Watched>> retired_;
};

}  // namespace spillway::bench
