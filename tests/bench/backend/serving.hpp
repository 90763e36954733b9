#pragma once
// A connection to the bench's backend: reads a request, sends the answer, at once or paced.

#include "bench/backend/answers.hpp"
#include "bench/backend/pacer.hpp"
#include "bench/wire/channel.hpp"
#include "bench/wire/framing.hpp"

#include <string>

namespace spillway::bench {

class Serving final : public Channel, public Paced {
 public:
  Serving(Poller& poller, Conduit conduit, Answers& answers, Pacer& pacer);

  void on_due(Clock::time_point now) override;

 private:
  void on_bytes(std::string_view bytes) override;
  void on_end() override;
  void answer();
  void book(Clock::time_point when);

  Answers& answers_;
  Pacer& pacer_;
  Framing request_{Framing::Kind::request};
  std::string body_front_;
  BackendAnswer stream_;  // while events are left
  Clock::time_point booked_;
  bool is_booked_ = false;
};

}  // namespace spillway::bench
