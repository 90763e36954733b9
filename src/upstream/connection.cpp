#include <spillway/upstream/connection.hpp>

#include <utility>

namespace spillway::upstream {
namespace {

constexpr auto kHeardOf = std::chrono::milliseconds(50);

}  // namespace

Connection::Connection(std::shared_ptr<const Target> target, std::unique_ptr<net::Stream> stream,
                       base::SteadyTime now)
    : connected_at(now),
      idle_since(now),
      target_(std::move(target)),
      stream_(std::move(stream)),
      reader_(*stream_, http::response_limits(), base::Side::upstream) {
  target_->open_connections.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() {
  target_->open_connections.fetch_sub(1, std::memory_order_relaxed);
}

bool Connection::is_quiet(base::SteadyTime now) {
  if (stream_->is_closed() || !reader_.buffered().empty()) return false;
  if (!stream_->is_readable() && now - idle_since < kHeardOf) return true;
  char byte = 0;
  return stream_->try_read(net::asio::mutable_buffer(&byte, 1)).outcome == net::Try::wants_read;
}

}  // namespace spillway::upstream
