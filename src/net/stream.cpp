#include <spillway/net/stream.hpp>

#include <algorithm>
#include <utility>

namespace spillway::net {

void consume(Pieces& pieces, std::size_t bytes) {
  for (asio::const_buffer& piece : pieces) {
    const std::size_t taken = std::min(bytes, piece.size());
    piece += taken;
    bytes -= taken;
  }
}

const asio::const_buffer* only_piece_of(std::span<const asio::const_buffer> pieces) {
  const asio::const_buffer* only = nullptr;
  for (const asio::const_buffer& piece : pieces) {
    if (piece.size() == 0) continue;
    if (only != nullptr) return nullptr;
    only = &piece;
  }
  return only;
}

base::Error failure_of(const Stream& stream) {
  if (stream.failure()) return *stream.failure();
  return {base::Fault::internal, base::Side::gateway, "stream failed without a reason"};
}

void Stream::close(base::Error reason) {
  fail(std::move(reason));
  close_now();
}

bool Stream::may_read_on() {
  constexpr unsigned kMostInARow = 8;
  if (is_readable() && ++reads_in_a_row_ <= kMostInARow) return true;
  reads_in_a_row_ = 0;
  return false;
}

bool Stream::try_write_now(const Pieces& pieces, TryResult& result) {
  if (should_write_later()) return false;
  result = try_write(pieces);
  return true;
}

void Stream::fail(base::Error reason) {
  if (!failure_) failure_ = std::move(reason);
}

std::optional<base::Result<void>> take_written(const Stream& stream, Pieces& pieces,
                                               const TryResult& tried) {
  if (tried.outcome == Try::failed) return base::Result<void>(failure_of(stream));
  consume(pieces, tried.bytes);
  if (asio::buffer_size(pieces) > 0) return std::nullopt;
  return base::Result<void>();
}

Task<base::Result<std::size_t>> read_some(Stream& stream, asio::mutable_buffer buffer) {
  for (;;) {
    if (!stream.may_read_on()) co_await stream.wait_readable();
    if (stream.is_closed()) co_return failure_of(stream);
    const TryResult result = stream.try_read(buffer);
    switch (result.outcome) {
      case Try::done:
        co_return result.bytes;
      case Try::failed:
        co_return failure_of(stream);
      case Try::wants_write:
        co_await stream.wait_writable();
        break;
      case Try::wants_read:
        break;
    }
  }
}

Task<base::Result<void>> write_all(Stream& stream, asio::const_buffer data) {
  return write_all(stream, Pieces{data});
}

Task<base::Result<void>> write_all(Stream& stream, Pieces pieces) {
  while (asio::buffer_size(pieces) > 0) {
    if (stream.is_closed()) co_return failure_of(stream);
    TryResult result;
    const bool was_tried = stream.try_write_now(pieces, result);
    if (!was_tried) co_await stream.try_write_later(pieces, result);
    switch (result.outcome) {
      case Try::done:
        break;
      case Try::failed:
        co_return failure_of(stream);
      case Try::wants_write:
        co_await stream.wait_writable();
        break;
      case Try::wants_read:
        co_await stream.wait_readable();
        break;
    }
    consume(pieces, result.bytes);
  }
  co_return base::Result<void>();
}

Task<base::Result<Sent>> write_while(Stream& stream, Pieces pieces,
                                     const std::function<bool()>& is_wanted) {
  while (asio::buffer_size(pieces) > 0) {
    if (!is_wanted()) co_return Sent::not_wanted;
    TryResult result;
    const bool was_tried = stream.try_write_now(pieces, result);
    if (!was_tried) co_await stream.try_write_later(pieces, result);
    if (result.outcome == Try::failed) co_return failure_of(stream);
    if (result.outcome == Try::wants_write) co_await stream.wait_writable();
    if (result.outcome == Try::wants_read) co_await stream.wait_readable();
    consume(pieces, result.bytes);
  }
  co_return Sent::all;
}

}  // namespace spillway::net
