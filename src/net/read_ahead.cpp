#include <spillway/net/read_ahead.hpp>

#include <array>

namespace spillway::net {

void ReadAhead::watch(std::function<void()> on_gone) {
  on_gone_ = std::move(on_gone);
  may_read_ = true;
  arm();
}

void ReadAhead::watch_without_reading(std::function<void()> on_gone) {
  on_gone_ = std::move(on_gone);
  may_read_ = false;
}

void ReadAhead::tell_closed() {
  if (on_gone_) std::exchange(on_gone_, nullptr)();
}

void ReadAhead::arm() {
  if (is_pending_ || is_gone_ || stream_.is_closed() || bytes_.size() >= kMaxBytes) return;
  is_pending_ = true;
  stream_.on_readable([this] { on_readable(); });
}

void ReadAhead::on_readable() {
  is_pending_ = false;
  // Nobody asked: the bytes stay for whoever reads the stream itself.
  const bool is_wanted = on_gone_ && may_read_;
  if (is_wanted && !stream_.is_closed()) {
    is_gone_ = !read_what_is_there();
    if (is_gone_) std::exchange(on_gone_, nullptr)();
    if (on_gone_) arm();
  }
  settled_.resume();
}

// False once the client has ended or broken the connection.
bool ReadAhead::read_what_is_there() {
  std::array<char, 4096> buffer;
  const TryResult result = stream_.try_read(asio::buffer(buffer));
  if (result.outcome == Try::failed) return false;
  if (result.outcome != Try::done) return true;
  bytes_.append(buffer.data(), result.bytes);
  return result.bytes > 0;
}

void ReadAhead::begin_waiting() {
  if (is_gone_ || stream_.is_closed()) return settled_.notify();
  arm();
}

bool ReadAhead::end_waiting() {
  if (!is_pending_ || !stream_.take_back_readable()) return false;
  is_pending_ = false;
  settled_.notify();
  return true;
}

Task<void> ReadAhead::settle() {
  while (is_pending_)
    co_await settled_.wait();
}

}  // namespace spillway::net
