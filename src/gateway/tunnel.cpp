#include <spillway/gateway/accounting.hpp>
#include <spillway/gateway/client_response.hpp>
#include <spillway/gateway/client_writing.hpp>
#include <spillway/gateway/relay.hpp>
#include <spillway/gateway/tunnel.hpp>
#include <spillway/http/websocket_handshake.hpp>

#include <array>
#include <exception>
#include <utility>

namespace spillway::gateway {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;
using base::SteadyClock;
using base::SteadyTime;
using Kind = http::SeenFrame::Kind;

namespace {

constexpr std::size_t kBufferBytes = 16U << 10U;  // each way
// Once one side has ended, the other has so long for its own farewell (limits-and-security §4.2).
constexpr auto kClosingTime = std::chrono::seconds(1);
constexpr unsigned kGoingAway = 1001;

Error ended_without_close(Side side) {
  const bool is_upstream = side == Side::upstream;
  return {is_upstream ? Fault::upstream_closed : Fault::client_gone, side,
          std::string(is_upstream ? "the backend" : "the client") +
              " ended the connection without a close frame"};
}

}  // namespace

Tunnel::Tunnel(RequestContext& context, Attempt& attempt, const WebSocketUpgrade& upgrade)
    : context_(context),
      attempt_(attempt),
      exchange_(attempt.exchange()),
      upgrade_(upgrade),
      observer_(context, attempt.backend().name),
      both_(context.worker.executor,
            [this](const std::string& what) {
              context_.worker.process.escaped_exceptions.fetch_add(1);
              break_off(Error(Fault::internal, Side::gateway, what));
            }),
      idle_(context.worker.wheel, [this] { out_of_time(); }),
      up_(context.client.stream, exchange_.stream(), http::FrameSender::client),
      down_(exchange_.stream(), context.client.stream, http::FrameSender::server) {
  up_.early = context.client.reader.buffered();
  up_.early += context.client.ahead.take();
  down_.early = exchange_.buffered();
}

Tunnel::~Tunnel() {
  context_.worker.tunnels.erase(this);
}

net::Task<AfterRequest> Tunnel::run() {
  // From here on the tunnel reads the client itself; a cut of the session still has to reach the
  // backend.
  context_.client.ahead.watch_without_reading([this] {
    const Error cut(Fault::shutting_down, Side::gateway, "the session was cut");
    break_off(context_.client.stream.failure().value_or(cut));
  });
  exchange_.set_deadline(SteadyTime::max(), "");  // `timeouts.total` is not for sessions of an hour
  const auto sent = co_await send_head();
  if (!sent) {
    const Error error = sent.error();
    break_off(error);
    co_return settle();
  }
  start();
  if (context_.worker.is_draining) drain();
  co_await both_.wait_until_empty();
  idle_.clear();
  context_.client.ahead.ignore();
  co_return settle();
}

// Whoever was started is waited for, whatever becomes of the other. Not before the 101 is out is
// there a place for a close frame, so a drain is told to none earlier.
void Tunnel::start() {
  context_.worker.tunnels.insert(this);
  idle_.set_after(context_.pool->configured().timeouts.idle);
  try {
    both_.spawn(forward(up_));
    both_.spawn(forward(down_));
  } catch (const std::exception& error) {
    break_off(Error(Fault::internal, Side::gateway, error.what()));
  }
}

net::Task<Result<void>> Tunnel::send_head() {
  ClientResponse response = response_about(context_, attempt_);
  response.websocket_accept = http::websocket_accept(upgrade_.key);
  response.websocket_protocol = protocol_for_client(upgrade_, attempt_.answer());
  std::string head;
  append_interims(head, attempt_.answer(), context_.head.version);
  append_client_head(head, attempt_.answer(), response);
  context_.record.upgrade = "websocket";
  context_.record.status = attempt_.answer().status;
  context_.record.backend = attempt_.backend().name;
  context_.record.first_byte = SteadyClock::now() - context_.began;
  auto written = co_await write_to_client(context_, net::asio::buffer(head));
  co_return written;
}

// One read, one write, next read: a side that does not read stops the other one from being read.
net::Task<void> Tunnel::forward(Way& way) {
  std::array<char, kBufferBytes> buffer;  // NOLINT(*-member-init): filled as far as it is used
  std::string_view bytes = way.early;
  for (;;) {
    const auto passed = co_await pass(way, bytes);
    if (!passed) {
      const Error error = passed.error();
      sink_failed(way, error);
    }
    // Nobody is told any more, and the farewell was heard.
    if (way.is_dropped && way.frames.has_closed()) co_return;
    const auto read = co_await net::read_some(way.from, net::asio::buffer(buffer));
    if (!read || read.value() == 0) {
      const Side side = &way == &up_ ? Side::client : Side::upstream;
      const Error how = read ? ended_without_close(side) : read.error();
      source_ended(way, how);
      co_return;
    }
    bytes = std::string_view(buffer.data(), read.value());
  }
}

net::Task<Result<void>> Tunnel::pass(Way& way, std::string_view bytes) {
  if (bytes.empty()) co_return Result<void>();
  observe(way, bytes);
  if (way.is_dropped) co_return Result<void>();
  if (!is_closing_) idle_.set_after(context_.pool->configured().timeouts.idle);
  way.bytes += bytes.size();
  auto written = co_await write(way, bytes);
  if (is_draining_ && !reason_) drain();
  co_return written;
}

net::Task<Result<void>> Tunnel::write(Way& way, std::string_view bytes) {
  const net::asio::const_buffer all = net::asio::buffer(bytes.data(), bytes.size());
  way.is_writing = true;
  if (&way == &down_) {
    auto written = co_await write_to_client(context_, all);
    way.is_writing = false;
    co_return written;
  }
  exchange_.set_deadline(SteadyClock::now() + context_.snapshot->configuration.limits.write_timeout,
                         "write");
  auto written = co_await net::write_all(way.to, all);
  way.is_writing = false;
  exchange_.set_deadline(SteadyTime::max(), "");
  co_return written;
}

// After a violation nothing more is told; the bytes go on: judging them is the peers' affair.
void Tunnel::observe(Way& way, std::string_view bytes) {
  const bool is_heard = &way == &down_;
  for (;;) {
    const http::SeenFrame seen = way.frames.next(bytes);
    if (seen.kind == Kind::nothing) return;
    if (seen.kind == Kind::text_end || seen.kind == Kind::binary_end) ++way.messages;
    if (!is_heard) continue;
    if (seen.kind == Kind::text_piece) observer_.observe(seen.payload);
    if (seen.kind == Kind::text_end) observer_.end_message();
  }
}

// Proper is an end behind a close frame, whatever TCP or TLS make of it, and one that cannot be
// judged because the frames were lost sight of.
void Tunnel::source_ended(Way& way, const Error& how) {
  if (reason_) return;
  const bool is_proper = is_closing_ || way.frames.has_closed() || way.frames.is_lost();
  if (!is_proper) {
    break_off(how);
    return;
  }
  if (!way.to.is_closed()) way.to.shutdown_write();
  begin_closing();
}

void Tunnel::sink_failed(Way& way, const Error& how) {
  way.is_dropped = true;
  const Way& back = &way == &up_ ? down_ : up_;
  // Who has said goodbye may close without waiting for the answer.
  if (reason_ || is_closing_ || back.frames.has_closed()) {
    begin_closing();
    return;
  }
  break_off(how);
}

void Tunnel::begin_closing() {
  if (std::exchange(is_closing_, true)) return;
  idle_.set_after(kClosingTime);
}

void Tunnel::drain() {
  is_draining_ = true;
  const Error reason(Fault::shutting_down, Side::gateway, "drained");
  if (!reason_ && !is_closing_ && say_goodbye()) leave(reason);
}

// Between two messages of the backend a frame of ours can stand. It is small and the socket has
// room, or the client does not read and will not miss it.
bool Tunnel::say_goodbye() {
  if (down_.is_writing || !down_.frames.is_between_messages()) return false;
  const std::string frame = http::make_close_frame(kGoingAway, "the gateway ends this connection");
  const std::array<net::asio::const_buffer, 1> pieces{net::asio::buffer(frame)};
  static_cast<void>(context_.client.stream.try_write(pieces));
  return true;
}

// Our own end: the client has a moment to answer the close frame, the backend is let go at once.
void Tunnel::leave(const Error& reason) {
  reason_ = reason;
  up_.is_dropped = true;
  down_.is_dropped = true;
  exchange_.close(reason);
  begin_closing();
}

void Tunnel::break_off(const Error& reason) {
  if (!reason_) reason_ = reason;
  exchange_.close(reason);
  context_.client.stream.close(reason);
}

void Tunnel::out_of_time() {
  const Error idle(Fault::timed_out, Side::gateway, "idle timeout");
  if (is_closing_) {
    exchange_.close(idle);
    context_.client.stream.close(idle);
  } else if (say_goodbye()) {
    leave(idle);
  } else {
    break_off(idle);
  }
}

AfterRequest Tunnel::settle() {
  telemetry::AccessRecord& record = context_.record;
  record.request_bytes = up_.bytes;
  record.response_bytes = down_.bytes;
  record.messages_in = up_.messages;
  record.messages_out = down_.messages;
  if (!record.attempts.empty()) {
    record.attempts.back().tokens = token_counts_of(observer_.usage());
  }
  record.ending = reason_ ? ending_of(reason_->fault()) : telemetry::Ending::complete;
  if (reason_) {
    record.error = reason_->detail();
    if (reason_->side() == Side::upstream) {
      attempt_.record(routing::outcome_of_fault(reason_->fault()), base::SteadyClock::now());
    }
  }
  const Error over(Fault::upstream_closed, Side::gateway, "the tunnel has ended");
  exchange_.close(over);
  return context_.client.stream.is_closed() ? AfterRequest::abort : AfterRequest::close;
}

}  // namespace spillway::gateway
