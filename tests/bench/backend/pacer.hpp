#pragma once
// When which stream sends its next event.

#include "bench/wire/poller.hpp"

#include <set>
#include <utility>

namespace spillway::bench {

class Paced {
 public:
  virtual ~Paced() = default;
  /// It is time; the next one is booked by whoever wants it.
  virtual void on_due(Clock::time_point now) = 0;
};

class Pacer {
 public:
  void book(Clock::time_point when, Paced& who) { bookings_.emplace(when, &who); }
  void cancel(Clock::time_point when, Paced& who) { bookings_.erase({when, &who}); }

  /// Calls whoever is due, each once, so that streams without a pause take turns.
  void call_due() {
    if (bookings_.empty()) return;
    const auto now = Clock::now();
    std::set<Booking> due;
    while (!bookings_.empty() && bookings_.begin()->first <= now)
      due.insert(bookings_.extract(bookings_.begin()));
    for (const Booking& booking : due)
      booking.second->on_due(now);
  }

  [[nodiscard]] bool is_empty() const { return bookings_.empty(); }
  [[nodiscard]] Clock::time_point next() const { return bookings_.begin()->first; }

 private:
  using Booking = std::pair<Clock::time_point, Paced*>;
  std::set<Booking> bookings_;
};

}  // namespace spillway::bench
