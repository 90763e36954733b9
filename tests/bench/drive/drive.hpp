#pragma once
// The load: many callers in one loop, in a closed loop (each asks again when it has its answer) or
// in an open one (requests are due at a rate, and the time counts from when they were due).

#include "bench/drive/caller.hpp"
#include "bench/drive/figures.hpp"
#include "bench/drive/order.hpp"

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace spillway::bench {

class Drive final : public Audience {
 public:
  explicit Drive(Order order);

  /// Opens, warms up, measures. Throws if the proxy takes no connection.
  Figures run();

 private:
  void on_answer(Caller& caller, const Answer& answer) override;
  void on_event(std::int64_t late_ns) override;
  void on_loss(Caller& caller) override;

  Caller& connect();
  void run_until(Clock::time_point when);
  void begin_due();
  Clock::time_point next_due() const;
  void go_on(Caller& caller);
  void ask(Caller& caller, Clock::time_point since);
  void hold_idle_connections();
  void open_idle_connection();
  std::string_view next_request(const Caller& caller);

  Order order_;
  TlsContext tls_;
  Poller poller_;
  std::string request_;
  std::unordered_map<const Caller*, std::string> own_requests_;  // with numbers
  std::uint32_t number_ = 0;
  std::uint32_t drawn_ = 0;
  unsigned started_ = 0;
  Clock::time_point began_;
  std::uint64_t due_ = 0;  // requests of the open loop so far
  std::deque<Clock::time_point> overdue_;
  std::vector<Caller*> free_;
  std::unordered_map<const Caller*, bool> holders_;  // idle ones; whether it had its answer
  std::size_t settled_ = 0;
  bool is_measuring_ = false;
  Figures figures_;
};

}  // namespace spillway::bench
