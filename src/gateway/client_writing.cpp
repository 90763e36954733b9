#include <spillway/gateway/client_writing.hpp>
#include <spillway/net/deadline.hpp>

#include <algorithm>
#include <chrono>

namespace spillway::gateway {

using base::Result;
using base::SteadyClock;

namespace {

constexpr base::Duration kLook = std::chrono::seconds(1);
// So much does not wait for the end of the turn (docs/decisions/0016): it has just been read, and
// by then it would have left the processor's cache.
constexpr std::size_t kLargePiece = 16U << 10U;

// As long as this lives we wait for the client.
class Blocked {
 public:
  explicit Blocked(RequestContext& context)
      : context_(context), next_look_(context.worker.wheel, [this] { look(); }) {
    context_.write_pace.block(SteadyClock::now(), unsent());
    set_next_look();
  }
  ~Blocked() { context_.write_pace.unblock(SteadyClock::now(), unsent()); }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;

 private:
  void look() {
    const auto passed = context_.write_pace.look(limits(), SteadyClock::now(), unsent());
    if (passed) {
      context_.client.close_for(*passed);
    } else {
      set_next_look();
    }
  }
  void set_next_look() {
    const base::Duration interval = std::min(kLook, limits().write_timeout);
    next_look_.set_after(
        std::max(interval - context_.write_pace.unlooked(), base::Duration::zero()));
  }
  [[nodiscard]] const config::Limits& limits() const {
    return context_.snapshot->configuration.limits;
  }
  [[nodiscard]] std::uint64_t unsent() const { return context_.client.stream.unsent_bytes(); }

  RequestContext& context_;
  net::Deadline next_look_;
};

net::Task<void> wait_for_client(RequestContext& context, net::Try wanted) {
  const Blocked blocked(context);
  if (wanted == net::Try::wants_read) {
    co_await context.client.stream.wait_readable();
  } else {
    co_await context.client.stream.wait_writable();
  }
}

}  // namespace

bool is_for_end_of_turn(const RequestContext& context, const net::Pieces& pieces) {
  return context.client.stream.should_write_later() && net::asio::buffer_size(pieces) < kLargePiece;
}

std::optional<Result<void>> try_write_to_client(RequestContext& context, net::Pieces& pieces) {
  net::Stream& stream = context.client.stream;
  while (net::asio::buffer_size(pieces) > 0) {
    if (stream.is_closed()) return net::failure_of(stream);
    if (is_for_end_of_turn(context, pieces)) return std::nullopt;
    const net::TryResult result = stream.try_write(pieces);
    if (result.outcome == net::Try::failed) return net::failure_of(stream);
    if (result.outcome != net::Try::done) return std::nullopt;
    context.write_pace.wrote(result.bytes);
    net::consume(pieces, result.bytes);
  }
  return Result<void>();
}

std::optional<Result<void>> take_written(RequestContext& context, net::Pieces& pieces,
                                         const net::TryResult& tried) {
  context.write_pace.wrote(tried.bytes);
  return net::take_written(context.client.stream, pieces, tried);
}

net::Task<Result<void>> write_to_client(RequestContext& context, net::Pieces pieces,
                                        net::Try tried) {
  net::Stream& stream = context.client.stream;
  if (tried != net::Try::done) co_await wait_for_client(context, tried);
  while (net::asio::buffer_size(pieces) > 0) {
    if (stream.is_closed()) co_return net::failure_of(stream);
    net::TryResult result;
    const bool was_tried = stream.try_write_now(pieces, result);
    if (!was_tried) co_await stream.try_write_later(pieces, result);
    if (result.outcome == net::Try::failed) co_return net::failure_of(stream);
    if (result.outcome != net::Try::done) co_await wait_for_client(context, result.outcome);
    context.write_pace.wrote(result.bytes);
    net::consume(pieces, result.bytes);
  }
  co_return Result<void>();
}

net::Task<Result<void>> write_to_client(RequestContext& context, net::asio::const_buffer bytes) {
  return write_to_client(context, net::Pieces{bytes});
}

}  // namespace spillway::gateway
