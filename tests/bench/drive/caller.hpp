#pragma once
// One connection of the load: sends a request, times the answer, counts the events of a stream.

#include "bench/wire/channel.hpp"
#include "bench/wire/framing.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::bench {

class Caller;

struct Answer {
  unsigned status = 0;
  Clock::time_point asked;
  Clock::time_point first_body;
  Clock::time_point whole;
};

/// Who drives callers.
class Audience {
 public:
  virtual ~Audience() = default;
  virtual void on_answer(Caller& caller, const Answer& answer) = 0;
  /// An event of a stream came so long after it was sent.
  virtual void on_event(std::int64_t late_ns) = 0;
  /// The connection is closed already.
  virtual void on_loss(Caller& caller) = 0;
};

class Caller final : public Channel {
 public:
  Caller(Poller& poller, Conduit conduit, Audience& audience);

  /// `request` stays until the answer is there; `since` is when it should have been sent.
  void ask(std::string_view request, Clock::time_point since);

 private:
  void on_bytes(std::string_view bytes) override;
  void on_end() override;
  void take_body(std::string_view piece);
  std::string_view count_events(std::string_view text);

  Audience& audience_;
  Framing framing_{Framing::Kind::response};
  Answer answer_;
  bool has_body_begun_ = false;
  bool is_stream_ = false;
  std::string carried_;  // a mark that may go on in the next piece
};

}  // namespace spillway::bench
