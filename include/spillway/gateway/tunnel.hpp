#pragma once
// A WebSocket after its handshake: bytes both ways as they come, until either side ends
// (docs/websockets.md). Frames are watched and never changed. What ends properly on one side ends
// properly on the other; what breaks off there breaks off here.

#include <spillway/gateway/attempt.hpp>
#include <spillway/gateway/message_observer.hpp>
#include <spillway/gateway/request_context.hpp>
#include <spillway/gateway/websocket_upgrade.hpp>
#include <spillway/http/websocket_frames.hpp>
#include <spillway/net/deadline.hpp>
#include <spillway/net/task_group.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace spillway::gateway {

class Tunnel {
 public:
  /// `attempt` holds a 101 that fits its handshake; its lease counts as in flight to the end.
  Tunnel(RequestContext& context, Attempt& attempt, const WebSocketUpgrade& upgrade);
  ~Tunnel();
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;

  /// Sends the 101, passes bytes, ends both sides, fills the access record, tells the breaker if
  /// the backend broke off.
  net::Task<AfterRequest> run();

  /// Ends with a close frame 1001 to the caller as soon as the backend's messages leave room for
  /// one.
  void drain();

 private:
  /// One direction; `frames` are those of `from`.
  struct Way {
    Way(net::Stream& source, net::Stream& sink, http::FrameSender sender)
        : from(source), to(sink), frames(sender) {}
    net::Stream& from;
    net::Stream& to;
    http::WebSocketFrames frames;
    std::string early;  // came before the tunnel was there
    std::uint64_t bytes = 0;
    std::uint64_t messages = 0;
    bool is_writing = false;
    bool is_dropped = false;  // nobody is left to send it to; read until its end
  };

  net::Task<base::Result<void>> send_head();
  void start();
  net::Task<void> forward(Way& way);
  net::Task<base::Result<void>> pass(Way& way, std::string_view bytes);
  net::Task<base::Result<void>> write(Way& way, std::string_view bytes);
  void observe(Way& way, std::string_view bytes);
  void source_ended(Way& way, const base::Error& how);
  void sink_failed(Way& way, const base::Error& how);
  void begin_closing();
  bool say_goodbye();
  void leave(const base::Error& reason);
  void break_off(const base::Error& reason);
  void out_of_time();
  AfterRequest settle();

  RequestContext& context_;
  Attempt& attempt_;
  upstream::Exchange& exchange_;
  const WebSocketUpgrade& upgrade_;
  MessageObserver observer_;
  net::TaskGroup both_;
  net::Deadline idle_;
  Way up_;    // caller to backend
  Way down_;  // backend to caller
  bool is_draining_ = false;
  bool is_closing_ = false;            // one side has ended; the other has a moment for the same
  std::optional<base::Error> reason_;  // why it ended, unless properly
};

}  // namespace spillway::gateway
