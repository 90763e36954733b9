#include <spillway/net/event.hpp>
#include <spillway/upstream/exchange.hpp>

#include <utility>

namespace spillway::upstream {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;

namespace {

// A place among max_connections while a connection is being made; the Connection counts itself.
class Place {
 public:
  explicit Place(const Target& target)
      : target_(target),
        is_free_(target.open_connections.fetch_add(1, std::memory_order_relaxed) <
                 target.max_connections) {}
  ~Place() { target_.open_connections.fetch_sub(1, std::memory_order_relaxed); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  [[nodiscard]] bool is_free() const { return is_free_; }

 private:
  const Target& target_;
  bool is_free_;
};

}  // namespace

struct Exchange::Watch {
  explicit Watch(net::Executor executor) : changed(std::move(executor)) {}

  net::Event changed;
  bool is_pending = false;
};

Exchange::Exchange(Transport& transport, const std::shared_ptr<const Target>& target)
    : transport_(transport),
      target_(target),
      connector_(transport.executor, transport.resolver),
      deadline_(transport.wheel, [this] {
        close(Error(fault_of_timeout(), Side::upstream, std::string(phase_) + " timeout"));
      }) {}

// A connect that took too long proves that nothing was accepted; other waits prove nothing.
Fault Exchange::fault_of_timeout() const {
  return phase_ == kConnectPhase ? Fault::connect_failed : Fault::timed_out;
}

Exchange::~Exchange() {
  if (connection_ && !closed_) {
    close(Error(Fault::upstream_closed, Side::gateway, "exchange ended early"));
  }
}

void Exchange::set_deadline(base::SteadyTime when, std::string_view phase) {
  phase_ = phase;
  deadline_.set(when);
}

bool Exchange::take_idle() {
  if (closed_) return false;
  connection_ = transport_.pool.take(target_, transport_.wheel.now());
  was_reused_ = connection_ != nullptr;
  return was_reused_;
}

net::Task<Result<void>> Exchange::connect() {
  if (closed_) co_return *closed_;
  const Place place(*target_);
  if (!place.is_free()) {
    co_return Error(Fault::no_capacity, Side::gateway,
                    "backend " + target_->name + " has max_connections open");
  }
  const base::SteadyTime now = transport_.wheel.now();
  auto connected = co_await connector_.connect(*target_);
  if (closed_) co_return *closed_;
  if (!connected) co_return connected.error();
  connection_ = std::make_unique<Connection>(target_, std::move(connected.value()), now);
  co_return Result<void>();
}

net::Task<Result<void>> Exchange::send(std::string_view head, std::string_view body) {
  const net::asio::const_buffer first(head.data(), head.size());
  const net::asio::const_buffer second(body.data(), body.size());
  return net::write_all(connection_->stream(), net::Pieces{first, second});
}

net::Task<Result<net::Sent>> Exchange::send_unless_answered(net::Pieces pieces) {
  const std::function<bool()> is_wanted = [this] { return !is_answered_early(); };
  const auto sent = co_await net::write_while(connection_->stream(), pieces, is_wanted);
  co_return sent;
}

bool Exchange::is_answered_early() {
  if (connection_->stream().is_closed()) return false;
  is_request_cut_ = connection_->reader().listen_for_response() == http::Heard::final;
  return is_request_cut_;
}

net::Task<bool> Exchange::is_answered_without_body(base::SteadyTime until) {
  for (;;) {
    const bool is_readable = co_await wait_readable_until(until);
    if (!is_readable || closed_) co_return false;
    const http::Heard heard = connection_->reader().listen_for_response();
    is_request_cut_ = heard == http::Heard::final;
    if (heard != http::Heard::nothing) co_return is_request_cut_;
  }
}

bool Exchange::has_to_wait_for_head() {
  is_reading_answer_ = true;
  return connection_->reader().has_to_wait();
}

std::optional<Result<http::ResponseHead>> Exchange::receive_head(std::string_view method) {
  return connection_->reader().receive_response_head(method);
}

net::Task<Result<http::ResponseHead>> Exchange::read_head(std::string_view method) {
  is_reading_answer_ = true;
  if (watch_ && watch_->is_pending) return read_head_when_readable(method);
  return connection_->reader().read_response_head(method);
}

net::Task<Result<http::ResponseHead>> Exchange::read_head_when_readable(std::string_view method) {
  co_await wait_readable_until(base::SteadyTime::max());
  auto head = co_await connection_->reader().read_response_head(method);
  co_return head;
}

net::Task<Result<std::string_view>> Exchange::read_body_piece() {
  if (watch_ && watch_->is_pending) return read_body_piece_until(base::SteadyTime::max());
  return connection_->reader().read_body_piece();
}

net::Task<Result<std::string_view>> Exchange::read_body_piece_until(base::SteadyTime until) {
  for (;;) {
    if (closed_) co_return *closed_;
    const auto buffered = take_buffered_body();
    if (!buffered || !buffered.value().empty() || is_body_done()) co_return buffered;
    const bool is_readable = co_await wait_readable_until(until);
    if (closed_) co_return *closed_;
    if (!is_readable) co_return std::string_view();
    const auto piece = connection_->reader().take_available_body();
    if (!piece || !piece.value().empty() || is_body_done()) co_return piece;
  }
}

net::Task<bool> Exchange::wait_readable_until(base::SteadyTime until) {
  if (!watch_) watch_ = std::make_shared<Watch>(transport_.executor);
  const std::shared_ptr<Watch> watch = watch_;
  if (!watch->is_pending) {
    watch->is_pending = true;
    auto on_readable = [watch] {
      watch->is_pending = false;
      watch->changed.resume();
    };
    connection_->stream().on_readable(std::move(on_readable));
  }
  net::Deadline patience(transport_.wheel, [watch] { watch->changed.notify(); });
  patience.set(until);
  while (watch->is_pending && !patience.is_expired())
    co_await watch->changed.wait();
  co_return !watch->is_pending;
}

Result<std::string_view> Exchange::take_buffered_body() {
  return connection_->reader().take_buffered_body();
}

bool Exchange::is_body_done() const {
  return connection_->reader().is_body_done();
}

bool Exchange::has_answer_begun() const {
  return is_reading_answer_ && connection_->reader().has_begun();
}

void Exchange::finish(const http::ResponseHead& head) {
  deadline_.clear();
  if (!connection_ || closed_) return;
  const bool is_reusable =
      !is_request_cut_ && head.keep_alive && head.body.kind != http::Framing::until_close &&
      connection_->reader().is_body_done() && connection_->reader().buffered().empty();
  if (is_reusable) {
    transport_.pool.put(std::move(connection_), transport_.wheel.now());
  } else {
    close(Error(Fault::upstream_closed, Side::gateway, "connection not reusable"));
  }
}

void Exchange::close(Error reason) {
  if (closed_) return;
  closed_ = reason;
  connector_.close(reason);
  if (connection_) connection_->stream().close(std::move(reason));
}

}  // namespace spillway::upstream
