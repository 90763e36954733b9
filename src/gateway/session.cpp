#include <spillway/gateway/reply.hpp>
#include <spillway/gateway/request_handler.hpp>
#include <spillway/gateway/session.hpp>
#include <spillway/http/date.hpp>
#include <spillway/net/drop_input.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

namespace spillway::gateway {

using base::Error;
using base::Fault;
using base::Side;

namespace {

constexpr auto kLingerTime = std::chrono::seconds(1);
constexpr std::size_t kLingerBytes = 64U << 20U;
constexpr auto kLastRequestTime = std::chrono::seconds(5);
// Then it waits without a Session. Shorter, and who asks every now and then pays for a new one.
constexpr auto kWaitsHere = std::chrono::milliseconds(200);

Error end_of(std::string_view why) {
  return {Fault::client_gone, Side::gateway, std::string(why)};
}

// A connection can be cut before it is a Session.
class Handshake {
 public:
  Handshake(WorkerState& worker, net::Stream& stream) : worker_(worker), stream_(stream) {
    worker_.handshakes.insert(&stream_);
  }
  ~Handshake() { worker_.handshakes.erase(&stream_); }
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;

 private:
  WorkerState& worker_;
  net::Stream& stream_;
};

void count_handshake(WorkerState& worker, const net::TlsStream& stream,
                     const net::asio::ip::tcp::endpoint& peer,
                     const base::Result<void>& established) {
  if (established) {
    worker.process.tls_handshakes.fetch_add(1, std::memory_order_relaxed);
    if (stream.is_resumed()) worker.process.tls_resumed.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const bool is_probe = established.error().fault() == Fault::client_gone;
  if (is_probe) return;  // connected and left without a word, as health probes do
  worker.process.tls_failed.fetch_add(1, std::memory_order_relaxed);
  if (worker.on_handshake_failure) {
    worker.on_handshake_failure(net::text_of(peer), established.error());
  }
}

net::Task<base::Result<void>> shake_hands(WorkerState& worker, net::TlsStream& stream,
                                          const net::asio::ip::tcp::endpoint& peer) {
  const Handshake handshake(worker, stream);
  ClientTimer timer = {stream, worker.process.limit_hits, Limit::handshake_timeout};
  net::Deadline deadline(worker.wheel, [&timer] { timer.pass(); });
  deadline.set_after(worker.snapshot->configuration.limits.handshake_timeout);
  auto established = co_await stream.accept();
  count_handshake(worker, stream, peer, established);
  co_return established;
}

}  // namespace

net::Task<void> Session::run_tls(WorkerState& worker, net::Accepted accepted,
                                 std::shared_ptr<const net::TlsContext> tls,
                                 ConnectionPlaces places) {
  auto secured = std::make_unique<net::TlsStream>(worker.executor, std::move(accepted.socket), *tls,
                                                  Side::client);
  tls.reset();  // the stream has what it needs of it
  const auto established = co_await shake_hands(worker, *secured, accepted.peer);
  places.handshake.give_back();
  const bool is_plain = !established && established.error().fault() == Fault::bad_request;
  if (!established && !is_plain) {
    secured->close(end_of("TLS handshake failed"));
    co_return;
  }
  std::unique_ptr<net::Stream> stream;
  if (is_plain) {
    base::Descriptor socket = secured->release();
    stream = std::make_unique<net::TcpStream>(worker.executor, std::move(socket), Side::client);
  } else {
    stream = std::move(secured);
  }
  auto connection = new_connection(worker, std::move(stream), accepted.peer, std::move(places));
  if (established) co_return co_await run(worker, std::move(connection));
  const Error reason = established.error();
  co_await refuse_plain(worker, std::move(connection), reason);
}

// Somebody wrote http:// where https:// is served: told so, as nginx does, in the plain.
net::Task<void> Session::refuse_plain(WorkerState& worker, ClientConnection connection,
                                      Error error) {
  Session session(worker, connection);
  co_await session.refuse(error);
  co_await session.linger();
  connection.stream->close(end_of("plain HTTP refused"));
}

net::Task<void> Session::run(WorkerState& worker, ClientConnection connection) {
  bool waits_elsewhere = false;
  {
    Session session(worker, connection);
    co_await session.serve();
    waits_elsewhere = session.is_to_wait_elsewhere_;
  }
  const Limit limit = connection.is_new ? Limit::header_timeout : Limit::idle_timeout;
  if (waits_elsewhere) worker.waiting.add(std::move(connection), limit);
}

Session::Session(WorkerState& worker, ClientConnection& connection)
    : worker_(worker),
      connection_(connection),
      stream_(*connection.stream),
      reader_(stream_, worker.snapshot->request_limits, Side::client),
      ahead_(stream_, worker.executor),
      timer_{stream_, worker.process.limit_hits, std::nullopt},
      deadline_(worker.wheel, [this] { on_deadline(); }),
      arrival_{net::text_of(connection.peer), stream_.is_encrypted()},
      is_draining_(worker.is_draining) {
  worker_.sessions.insert(this);
}

Session::~Session() {
  worker_.sessions.erase(this);
}

void Session::set_deadline(base::Duration after, std::optional<Limit> limit) {
  timer_.limit = limit;
  deadline_.set_after(after);
}

// A client that asks nothing for a while needs no Session to wait.
void Session::on_deadline() {
  const bool is_time_left = is_waiting_ && worker_.wheel.now() < connection_.head_until;
  if (!is_time_left) return timer_.pass();
  is_to_wait_elsewhere_ = !worker_.is_draining && ahead_.end_waiting();
  if (!is_to_wait_elsewhere_) deadline_.set(connection_.head_until);
}

void Session::drain() {
  if (worker_.idle_clients == IdleClients::await) {
    if (is_idle_) await_last_request();
    return;
  }
  is_draining_ = true;
  if (is_idle_) stream_.close(Error(Fault::shutting_down, Side::gateway, "drained while idle"));
}

void Session::close_if_idle() {
  if (is_idle_) stream_.close(Error(Fault::no_capacity, Side::gateway, "memory is short"));
}

void Session::cut(const Error& reason) {
  stream_.close(reason);
  ahead_.tell_closed();
}

net::Task<void> Session::serve() {
  std::exception_ptr thrown;
  try {
    co_await serve_requests();
  } catch (...) {
    thrown = std::current_exception();
  }
  // Whatever happened: nothing may be outstanding on the stream when this Session goes.
  if (!is_to_wait_elsewhere_) stream_.close(end_of("session ended"));
  co_await ahead_.settle();
  if (thrown) std::rethrow_exception(thrown);
}

net::Task<void> Session::serve_requests() {
  // Who was accepted just before the drain began still gets its first answer.
  do {
    begin_waiting();
    while (is_request_awaited()) {
      co_await ahead_.wait();
      take_what_came();
    }
    is_waiting_ = is_idle_ = false;
    if (is_to_wait_elsewhere_) co_return;
    if (reader_.buffered().empty()) break;
    auto head = reader_.take_request_head();
    if (!head) {
      set_head_deadline();
      head = co_await reader_.read_request_head();
    }
    if (!*head) {
      const Error error = head->error();
      co_await refuse(error);
      break;
    }
    deadline_.clear();
    note_request(head->value());
    const ClientSide client(stream_, reader_, ahead_, deadline_, timer_);
    const auto handler =
        std::make_unique<RequestHandler>(worker_, client, std::move(head->value()), arrival_);
    const AfterRequest after = co_await handler->run();
    if (!settle(*handler, after)) break;
    connection_.is_new = false;
    has_served_ = true;
  } while (!stream_.is_closed() && !is_draining_);
  co_await linger();
}

void Session::begin_waiting() {
  // What came during the last request stands behind what its reading left over, and before what is
  // still in the socket.
  reader_.push_back_input(ahead_.take());
  if (!reader_.buffered().empty()) return;
  reader_.release_memory();
  is_waiting_ = true;
  is_idle_ = !connection_.is_new;
  if (is_idle_ && worker_.is_draining) return await_last_request();
  const bool has_just_served = std::exchange(has_served_, false);
  if (has_just_served) {
    connection_.head_until =
        worker_.wheel.now() + worker_.snapshot->configuration.limits.idle_timeout;
  }
  // Many ask once and stay, and a crowd of them needs no Sessions at all.
  is_to_wait_elsewhere_ =
      has_just_served && connection_.span.requests() == 1 && may_wait_elsewhere();
  if (is_to_wait_elsewhere_) return;
  timer_.limit = is_idle_ ? Limit::idle_timeout : Limit::header_timeout;
  deadline_.set(std::min(worker_.wheel.now() + kWaitsHere, connection_.head_until));
}

// Whether nothing is outstanding on the stream, or what was is taken back.
bool Session::may_wait_elsewhere() {
  if (ahead_.is_client_gone() || stream_.is_closed()) return false;
  return !ahead_.is_waiting() || ahead_.end_waiting();
}

void Session::await_last_request() {
  connection_.head_until = worker_.wheel.now() + kLastRequestTime;
  set_deadline(kLastRequestTime, std::nullopt);
}

// Not so either when the connection has ended.
bool Session::is_request_awaited() const {
  return reader_.buffered().empty() && !ahead_.is_client_gone() && !stream_.is_closed() &&
         !is_to_wait_elsewhere_;
}

void Session::take_what_came() {
  const bool has_come = !stream_.is_closed() && stream_.is_readable();
  if (has_come || stream_.is_closed() || worker_.is_draining) stay();
  if (has_come && !reader_.take_what_is_there()) ahead_.note_gone();
}

// Something came between, or nobody is to wait elsewhere any more.
void Session::stay() {
  if (std::exchange(is_to_wait_elsewhere_, false)) deadline_.set(connection_.head_until);
}

// For the first head from when it connected on: a silent client is a slow one.
void Session::set_head_deadline() {
  timer_.limit = Limit::header_timeout;
  if (!connection_.is_new) {
    connection_.head_until =
        worker_.wheel.now() + worker_.snapshot->configuration.limits.header_timeout;
  }
  deadline_.set(connection_.head_until);
}

// False when no further request can follow on this connection.
bool Session::settle(RequestHandler& handler, AfterRequest after) {
  handler.settle();
  if (after == AfterRequest::abort) stream_.close(end_of("answer broken off"));
  return after == AfterRequest::keep_alive && !is_draining_;
}

// The connection's last request is treated as one that asks for the close.
void Session::note_request(http::RequestHead& head) {
  const config::Limits& limits = worker_.snapshot->configuration.limits;
  const auto last = connection_.span.begin_request(limits, worker_.wheel.now());
  if (!last || !head.keep_alive) return;
  worker_.process.limit_hits.count(*last);
  head.keep_alive = false;
}

net::Task<void> Session::refuse(const Error& error) {
  worker_.process.limit_hits.count(reader_.passed_bound());
  if (error.fault() == Fault::client_gone || stream_.is_closed()) co_return;
  Reply reply = reply_for(error);
  if (const unsigned status = reader_.problem_status(); status != 0) reply.status = status;
  ReplyOptions options;
  // What was refused is still there.
  options.is_head_request = reader_.buffered().starts_with("HEAD ");
  options.date = worker_.date.at(std::chrono::system_clock::now());
  const std::string text = format_reply(reply, options);
  set_deadline(worker_.snapshot->configuration.limits.write_timeout, Limit::write_timeout);
  const auto written = co_await net::write_all(stream_, net::asio::buffer(text));
  static_cast<void>(written);  // either way the connection ends here
}

// Closes so that the last answer is not lost to a reset (RFC 9112 §9.6): our side is ended, what
// the client still sends is dropped for a moment.
net::Task<void> Session::linger() {
  if (stream_.is_closed() || ahead_.is_client_gone()) co_return;
  ahead_.ignore();
  stream_.shutdown_write();
  set_deadline(kLingerTime, std::nullopt);
  co_await net::drop_input(stream_, kLingerBytes);
  deadline_.clear();
}

}  // namespace spillway::gateway
