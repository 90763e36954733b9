#include "support/memory_stream.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace spillway::support {

void BytePipe::push(std::string bytes) {
  if (bytes.empty()) return;
  unread_ += bytes.size();
  written_ += bytes.size();
  pieces_.push_back(std::move(bytes));
  changed();
}

void BytePipe::end(Ending ending) {
  if (ending_ == Ending::none) ending_ = ending;
  changed();
}

void BytePipe::break_reads_at(std::size_t offset, Ending ending) {
  read_break_ = offset;
  break_kind_ = ending;
  changed();
}

std::string BytePipe::take() {
  std::string all;
  for (const std::string& piece : pieces_)
    all += piece;
  read_ += all.size();
  unread_ = 0;
  pieces_.clear();
  changed();
  return all;
}

BytePipe::Ending BytePipe::ending_now() const {
  if (read_ >= read_break_) return break_kind_;
  return pieces_.empty() ? ending_ : Ending::none;
}

bool BytePipe::is_readable() const {
  return !pieces_.empty() || ending_now() != Ending::none;
}

bool BytePipe::is_write_broken() const {
  return is_abandoned_ || written_ >= write_break_;
}

bool BytePipe::is_writable() const {
  return is_write_broken() || unread_ < capacity_;
}

std::size_t BytePipe::read(char* to, std::size_t bytes) {
  std::string& piece = pieces_.front();
  bytes = std::min({bytes, read_limit_, piece.size(), read_break_ - read_});
  std::copy_n(piece.begin(), bytes, to);
  piece.erase(0, bytes);
  if (piece.empty()) pieces_.pop_front();
  read_ += bytes;
  unread_ -= bytes;
  changed();
  return bytes;
}

std::size_t BytePipe::write(std::string_view bytes) {
  if (is_write_broken()) return 0;
  const std::size_t room = capacity_ - std::min(capacity_, unread_);
  const std::size_t taken = std::min({bytes.size(), room, write_break_ - written_});
  push(std::string(bytes.substr(0, taken)));
  return taken;
}

void BytePipe::abandon() {
  is_abandoned_ = true;
  changed();
}

void BytePipe::changed() {
  if (on_reader_ready_ && is_readable()) on_reader_ready_();
  if (on_writer_ready_ && is_writable()) on_writer_ready_();
}

MemoryStream::MemoryStream(net::Executor executor, base::Side side, std::shared_ptr<BytePipe> input,
                           std::shared_ptr<BytePipe> output)
    : executor_(std::move(executor)),
      side_(side),
      input_(std::move(input)),
      output_(std::move(output)) {
  input_->on_reader_ready_ = [this] { reader_ready(); };
  output_->on_writer_ready_ = [this] { writer_ready(); };
}

MemoryStream::MemoryStream(net::Executor executor, base::Side side)
    : MemoryStream(std::move(executor), side, std::make_shared<BytePipe>(),
                   std::make_shared<BytePipe>()) {}

MemoryStream::~MemoryStream() {
  input_->on_reader_ready_ = nullptr;
  output_->on_writer_ready_ = nullptr;
  input_->abandon();
  output_->end();
}

net::TryResult MemoryStream::broken() {
  const auto fault =
      side_ == base::Side::upstream ? base::Fault::upstream_closed : base::Fault::client_gone;
  fail(base::Error(fault, side_, "Connection reset by peer"));
  return {net::Try::failed, 0};
}

net::TryResult MemoryStream::try_read(net::asio::mutable_buffer buffer) {
  if (is_closed()) return {net::Try::failed, 0};
  if (!input_->is_readable()) return {net::Try::wants_read, 0};
  ++reads_;
  switch (input_->ending_now()) {
    case BytePipe::Ending::closed:
      return {net::Try::done, 0};
    case BytePipe::Ending::reset:
      return broken();
    case BytePipe::Ending::none:
      break;
  }
  return {net::Try::done, input_->read(static_cast<char*>(buffer.data()), buffer.size())};
}

net::TryResult MemoryStream::try_write(std::span<const net::asio::const_buffer> pieces) {
  if (is_closed()) return {net::Try::failed, 0};
  std::size_t bytes = 0;
  for (const auto& piece : pieces) {
    const std::string_view text(static_cast<const char*>(piece.data()), piece.size());
    const std::size_t taken = text.empty() ? 0 : output_->write(text);
    bytes += taken;
    if (taken < text.size()) break;
  }
  if (bytes > 0) return {net::Try::done, bytes};
  return output_->is_write_broken() ? broken() : net::TryResult{net::Try::wants_write, 0};
}

void MemoryStream::begin_wait_readable(net::Continuation go_on) {
  reader_ = std::move(go_on);
  if (is_closed() || input_->is_readable()) reader_ready();
}

void MemoryStream::begin_wait_writable(net::Continuation go_on) {
  writer_ = std::move(go_on);
  if (is_closed() || output_->is_writable()) writer_ready();
}

void MemoryStream::begin_write_later(const net::Pieces& pieces, net::TryResult& result,
                                     net::Continuation go_on) {
  result = try_write(pieces);
  post(std::move(go_on));
}

void MemoryStream::on_readable(net::Continuation callback) {
  callback_ = std::move(callback);
  if (is_closed() || input_->is_readable()) reader_ready();
}

bool MemoryStream::take_back_readable() {
  return static_cast<bool>(std::exchange(callback_, {}));
}

void MemoryStream::reader_ready() {
  post(std::move(reader_));
  post(std::move(callback_));
}

void MemoryStream::writer_ready() {
  post(std::move(writer_));
}

void MemoryStream::post(net::Continuation continuation) {
  if (continuation) net::asio::post(executor_, std::move(continuation));
}

void MemoryStream::shutdown_write() {
  output_->end();
}

void MemoryStream::close_now() {
  input_->abandon();
  output_->end();
  reader_ready();
  writer_ready();
}

std::pair<std::unique_ptr<MemoryStream>, std::unique_ptr<MemoryStream>> connected_streams(
    const net::Executor& executor) {
  auto forth = std::make_shared<BytePipe>();
  auto back = std::make_shared<BytePipe>();
  auto first = std::make_unique<MemoryStream>(executor, base::Side::client, forth, back);
  auto second = std::make_unique<MemoryStream>(executor, base::Side::upstream, back, forth);
  return {std::move(first), std::move(second)};
}

}  // namespace spillway::support
