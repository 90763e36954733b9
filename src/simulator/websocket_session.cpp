#include "simulator/websocket_session.hpp"

#include <spillway/base/text.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <deque>
#include <utility>

namespace spillway::simulator {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::size_t kMessageLimitBytes = std::size_t{64} << 20U;
constexpr std::size_t kInboxLimit = 4096;
constexpr auto kHandshakeLimit = std::chrono::seconds(5);
constexpr auto kNoDeadline = std::chrono::hours(24);

http::request<http::empty_body> message_of(const Request& request) {
  http::request<http::empty_body> message(http::verb::get, request.target, 11);
  for (const auto& [name, value] : request.headers)
    message.insert(name, value);
  return message;
}

template <class Stream>
class Session : public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(Stream& stream, tcp::socket& socket, SocketPlan plan)
      : ws_(stream), socket_(socket), plan_(std::move(plan)), timer_(socket.get_executor()) {}

  asio::awaitable<Event> run(const Request& request) {
    const bool is_open = co_await accept(request);
    if (!is_open) co_return Event::aborted;
    asio::co_spawn(socket_.get_executor(), listen(this->shared_from_this()),
                   [](const std::exception_ptr&) {});
    co_await speak();
    while (!has_ended_)
      co_await wait(kNoDeadline);
    note(Event::ws_closed, [this](RecordedSocket& socket) { socket.ended = ending_; });
    co_return outcome_;
  }

 private:
  struct Message {
    FrameKind kind = FrameKind::text;
    std::string text;
  };

  asio::awaitable<bool> accept(const Request& request) {
    const auto protocol = agreed_protocol(request);
    websocket::stream_base::timeout limits{kHandshakeLimit, websocket::stream_base::none(), false};
    ws_.set_option(limits);
    ws_.read_message_max(kMessageLimitBytes);
    ws_.auto_fragment(false);
    ws_.set_option(websocket::stream_base::decorator([&](websocket::response_type& response) {
      for (const auto& [name, value] : plan_.headers)
        response.insert(name, value);
      if (!protocol.empty()) response.set(http::field::sec_websocket_protocol, protocol);
    }));
    ws_.control_callback(
        [this](websocket::frame_type type, boost::beast::string_view) { note_control(type); });
    const auto message = message_of(request);
    error_code failure;
    co_await ws_.async_accept(message, asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return false;
    plan_.journal->note(plan_.record, Event::ws_opened, [&](RecordedRequest& record) {
      record.socket.emplace();
      record.socket->protocol = protocol;
    });
    co_return true;
  }

  /// Everything the client sends, until the connection ends.
  asio::awaitable<void> listen(std::shared_ptr<Session> self) {
    boost::beast::flat_buffer buffer;
    error_code failure;
    for (;;) {
      co_await ws_.async_read(buffer, asio::redirect_error(asio::use_awaitable, failure));
      if (failure || inbox_.size() >= kInboxLimit) break;
      Message message;
      message.kind = ws_.got_text() ? FrameKind::text : FrameKind::binary;
      message.text = boost::beast::buffers_to_string(buffer.data());
      buffer.consume(buffer.size());
      note_message(message);
      inbox_.push_back(std::move(message));
      timer_.cancel();
    }
    self->end(failure);
  }

  void end(error_code failure) {
    has_ended_ = true;
    timer_.cancel();
    if (!ending_.empty()) return;
    if (failure != websocket::error::closed) {
      ending_ = "aborted";
      outcome_ = Event::aborted;
      return;
    }
    const auto& reason = ws_.reason();
    ending_ = "closed " + std::to_string(reason.code);
    if (!reason.reason.empty()) ending_ += " " + std::string(reason.reason.c_str());
  }

  asio::awaitable<void> speak() {
    co_await maybe_misbehave();
    co_await say_all(plan_.dialogue->open());
    while (!has_ended_) {
      if (inbox_.empty()) {
        co_await wait(kNoDeadline);
        continue;
      }
      const Message message = std::move(inbox_.front());
      inbox_.pop_front();
      if (is_silent_) continue;
      auto frames = frames_for(*plan_.dialogue, message.kind, message.text);
      co_await say_all(std::move(frames));
    }
  }

  asio::awaitable<void> say_all(std::vector<Frame> frames) {
    for (const auto& frame : frames) {
      const auto until = std::chrono::steady_clock::now() + frame.delay;
      while (!has_ended_ && frame.delay.count() > 0 && std::chrono::steady_clock::now() < until)
        co_await wait(until - std::chrono::steady_clock::now());
      if (has_ended_ || is_silent_) co_return;
      const bool was_cut = has_misbehaved_;
      const bool is_written = co_await say(frame);
      if (!is_written) co_return;
      co_await maybe_misbehave();
      const bool drops_rest = plan_.fault && plan_.fault->kind == FaultKind::error_event;
      if (!was_cut && has_misbehaved_ && drops_rest) co_return;
    }
  }

  asio::awaitable<bool> say(const Frame& frame) {
    error_code failure;
    const asio::const_buffer bytes = asio::buffer(frame.payload);
    if (frame.kind == FrameKind::close) {
      co_await close(frame.close_code, frame.payload);
      co_return false;
    }
    if (frame.kind == FrameKind::ping) {
      const websocket::ping_data data(frame.payload);
      co_await ws_.async_ping(data, asio::redirect_error(asio::use_awaitable, failure));
      co_return !failure;
    }
    ws_.text(frame.kind == FrameKind::text);
    co_await ws_.async_write(bytes, asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return false;
    ++said_;
    plan_.journal->change(plan_.record, [](RecordedRequest& record) { ++record.socket->sent; });
    co_return true;
  }

  /// The other side's close frame ends listen().
  asio::awaitable<void> close(std::uint16_t code, const std::string& reason) {
    ending_ = "closed " + std::to_string(code);
    if (!reason.empty()) ending_ += " " + reason;
    const websocket::close_reason frame(static_cast<websocket::close_code>(code), reason);
    error_code ignored;
    co_await ws_.async_close(frame, asio::redirect_error(asio::use_awaitable, ignored));
  }

  asio::awaitable<void> maybe_misbehave() {
    if (!plan_.fault || has_misbehaved_ || said_ < plan_.fault->after_events.value_or(1)) co_return;
    has_misbehaved_ = true;
    const auto& fault = *plan_.fault;
    if (fault.kind == FaultKind::error_event) {
      const Frame frame = error_frame();
      co_await say(frame);
      co_return;
    }
    if (fault.kind == FaultKind::stall_mid_stream) {
      co_await stall();
      co_return;
    }
    outcome_ = Event::faulted;
    if (fault.kind == FaultKind::ws_close) {
      co_await close(fault.code, fault.reason);
      co_return;
    }
    ending_ = "broken off";
    if (fault.kind != FaultKind::ws_reset) co_await write_half_a_frame();
    break_off(fault.kind);
  }

  asio::awaitable<void> stall() {
    is_silent_ = !plan_.fault->delay;
    if (is_silent_) co_return;
    const auto until = std::chrono::steady_clock::now() + *plan_.fault->delay;
    while (!has_ended_ && std::chrono::steady_clock::now() < until)
      co_await wait(until - std::chrono::steady_clock::now());
  }

  [[nodiscard]] Frame error_frame() const {
    Frame frame;
    frame.payload = plan_.fault->body;
    if (!frame.payload.starts_with('{')) {
      frame.payload =
          R"({"type":"error","event_id":"event_fault","error":{"type":"server_error",)"
          R"("code":"server_error","message":"The server had an error.","param":null}})";
    }
    return frame;
  }

  /// A text frame of 126 bytes or more that is announced and does not come.
  asio::awaitable<void> write_half_a_frame() {
    const std::string half("\x81\x7e\x01\x00{\"type\":\"resp", 17);
    error_code ignored;
    co_await asio::async_write(ws_.next_layer(), asio::buffer(half),
                               asio::redirect_error(asio::use_awaitable, ignored));
  }

  void break_off(FaultKind kind) {
    error_code ignored;
    if (kind != FaultKind::truncate) socket_.set_option(tcp::socket::linger(true, 0), ignored);
    if (kind == FaultKind::truncate) socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  asio::awaitable<void> wait(std::chrono::steady_clock::duration time) {
    error_code cancelled;
    timer_.expires_after(time);
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }

  void note_message(const Message& message) {
    plan_.journal->note(plan_.record, Event::ws_message, [&message](RecordedRequest& record) {
      ++record.socket->received;
      record.body_bytes += message.text.size();
      if (message.kind != FrameKind::text) return;
      const auto room = Journal::kBodyKept - std::min(record.body.size(), Journal::kBodyKept);
      record.body += (message.text + "\n").substr(0, room);
    });
  }

  void note_control(websocket::frame_type type) {
    plan_.journal->change(plan_.record, [type](RecordedRequest& record) {
      if (!record.socket) return;
      if (type == websocket::frame_type::ping) ++record.socket->pings;
      if (type == websocket::frame_type::pong) ++record.socket->pongs;
    });
  }

  template <class Change>
  void note(Event event, const Change& change) {
    plan_.journal->note(plan_.record, event, [&change](RecordedRequest& record) {
      if (record.socket) change(*record.socket);
    });
  }

  websocket::stream<Stream&> ws_;
  tcp::socket& socket_;
  SocketPlan plan_;
  asio::steady_timer timer_;
  std::deque<Message> inbox_;
  std::uint64_t said_ = 0;
  bool has_misbehaved_ = false;
  bool is_silent_ = false;
  bool has_ended_ = false;
  std::string ending_;
  Event outcome_ = Event::completed;
};

template <class Stream>
asio::awaitable<Event> hold(Stream& stream, tcp::socket& socket, const Request& request,
                            SocketPlan plan) {
  const auto session = std::make_shared<Session<Stream>>(stream, socket, std::move(plan));
  const Event outcome = co_await session->run(request);
  co_return outcome;
}

}  // namespace

asio::awaitable<Event> hold_websocket(tcp::socket& socket, const Request& request,
                                      SocketPlan plan) {
  return hold(socket, socket, request, std::move(plan));
}

asio::awaitable<Event> hold_websocket(asio::ssl::stream<tcp::socket&>& stream, tcp::socket& socket,
                                      const Request& request, SocketPlan plan) {
  return hold(stream, socket, request, std::move(plan));
}

std::string agreed_protocol(const Request& request) {
  constexpr const char* kRealtime = "realtime";
  const auto offered = request.header("sec-websocket-protocol");
  return offered && base::list_contains(*offered, kRealtime) ? kRealtime : "";
}

}  // namespace spillway::simulator
