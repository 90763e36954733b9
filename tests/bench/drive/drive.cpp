#include "bench/drive/drive.hpp"

#include "bench/drive/process_time.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace spillway::bench {
namespace {

constexpr unsigned kIdleAtATime = 32;  // connections that are being made
constexpr auto kIdlePatience = std::chrono::seconds(30);
constexpr auto kSettle = std::chrono::milliseconds(500);

Clock::duration seconds(double count) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(count));
}

}  // namespace

Drive::Drive(Order order)
    : order_(std::move(order)),
      tls_(order_.is_tls ? client_tls() : nullptr),
      request_(request_text(order_, 0)),
      // The backend remembers the numbers of earlier runs.
      number_(static_cast<std::uint32_t>(Clock::now().time_since_epoch().count() >> 10) &
              0x7fffffffU) {}

Caller& Drive::connect() {
  const int descriptor = connect_to_loopback(order_.port);
  if (descriptor < 0) throw std::runtime_error("the proxy takes no connection");
  auto caller =
      std::make_unique<Caller>(poller_, Conduit(descriptor, tls_, Conduit::Role::client), *this);
  return static_cast<Caller&>(poller_.adopt(std::move(caller)));
}

// Spread evenly: of 30 % the requests 4, 7, 10, 14 …
std::string_view Drive::next_request(const Caller& caller) {
  if (order_.refused_percent == 0) return request_;
  drawn_ += order_.refused_percent;
  if (drawn_ < 100) return request_;
  drawn_ -= 100;
  std::string& own = own_requests_[&caller];
  own = request_text(order_, ++number_);
  return own;
}

void Drive::ask(Caller& caller, Clock::time_point since) {
  caller.ask(next_request(caller), since);
}

void Drive::go_on(Caller& caller) {
  if (order_.rate == 0) return ask(caller, Clock::now());
  if (overdue_.empty()) return free_.push_back(&caller);
  ask(caller, overdue_.front());
  overdue_.pop_front();
}

void Drive::on_answer(Caller& caller, const Answer& answer) {
  if (const auto holder = holders_.find(&caller); holder != holders_.end()) {
    settled_ += holder->second ? 0U : 1U;
    holder->second = true;
    return;
  }
  if (is_measuring_) {
    ++figures_.requests;
    figures_.errors += answer.status == 200 ? 0U : 1U;
    figures_.latency.add(answer.whole - answer.asked);
    figures_.first_byte.add(answer.first_body - answer.asked);
  }
  if (!order_.reconnects) return go_on(caller);
  caller.close();
  own_requests_.erase(&caller);
  // The time of the next one counts from before its connection is made.
  const auto since = Clock::now();
  ask(connect(), since);
}

void Drive::on_event(std::int64_t late_ns) {
  if (!is_measuring_) return;
  ++figures_.events;
  figures_.lateness.add(std::chrono::nanoseconds(late_ns));
}

void Drive::on_loss(Caller& caller) {
  ++figures_.errors;
  if (holders_.erase(&caller) != 0) return;
  free_.erase(std::remove(free_.begin(), free_.end(), &caller), free_.end());
  own_requests_.erase(&caller);
  go_on(connect());
}

Clock::time_point Drive::next_due() const {
  auto next = Clock::time_point::max();
  if (started_ < order_.connections)
    next = began_ + seconds(order_.stagger_s * started_ / order_.connections);
  if (order_.rate > 0)
    next = std::min(next, began_ + seconds(static_cast<double>(due_) / order_.rate));
  return next;
}

void Drive::begin_due() {
  const auto now = Clock::now();
  while (started_ < order_.connections &&
         began_ + seconds(order_.stagger_s * started_ / order_.connections) <= now) {
    ++started_;
    go_on(connect());
  }
  if (order_.rate == 0) return;
  for (auto due = next_due(); due <= now; due = next_due()) {
    ++due_;
    if (free_.empty()) {
      overdue_.push_back(due);
    } else {
      Caller* caller = free_.back();
      free_.pop_back();
      ask(*caller, due);
    }
  }
}

void Drive::run_until(Clock::time_point when) {
  for (auto now = Clock::now(); now < when; now = Clock::now()) {
    begin_due();
    poller_.turn(std::min(when, next_due()));
  }
}

void Drive::open_idle_connection() {
  Caller& caller = connect();
  holders_.emplace(&caller, false);
  caller.ask(request_, Clock::now());
}

void Drive::hold_idle_connections() {
  figures_.rss_without_idle_kib = rss_kib_of(order_.processes);
  const auto patience = Clock::now() + kIdlePatience;
  while (settled_ < order_.idle && Clock::now() < patience) {
    while (holders_.size() < order_.idle && holders_.size() - settled_ < kIdleAtATime)
      open_idle_connection();
    run_until(Clock::now() + std::chrono::milliseconds(1));
  }
  run_until(Clock::now() + kSettle);
  figures_.rss_with_idle_kib = rss_kib_of(order_.processes);
  figures_.idle = holders_.size();
}

Figures Drive::run() {
  began_ = Clock::now();
  run_until(began_ + seconds(order_.warm_up_s));
  if (order_.idle > 0) hold_idle_connections();
  const std::uint64_t cpu_before = cpu_ns_of(order_.processes);
  const auto begin = Clock::now();
  is_measuring_ = true;
  figures_.errors = 0;
  run_until(begin + seconds(order_.seconds));
  is_measuring_ = false;
  const std::chrono::duration<double> took = Clock::now() - begin;
  figures_.seconds = took.count();
  figures_.cpu_ns = cpu_ns_of(order_.processes) - cpu_before;
  figures_.rss_kib = rss_kib_of(order_.processes);
  return figures_;
}

}  // namespace spillway::bench
