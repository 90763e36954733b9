#include "system_calls.hpp"
#include "would_block.hpp"
#include <spillway/net/tcp_stream.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <system_error>
#include <utility>

namespace spillway::net {
namespace {

constexpr std::size_t kMostPieces = 8;  // what is left of more goes with the next attempt
// So much is put together first: cheaper than to have the kernel gather it.
constexpr std::size_t kMostPutTogether = 4U << 10U;

std::string text_of(int error) {
  return std::generic_category().message(error);
}

ssize_t send_gathered(int socket, std::span<const asio::const_buffer> pieces) {
  std::array<iovec, kMostPieces> vectors;  // NOLINT(*-member-init): filled as far as it is used
  msghdr message{};
  message.msg_iov = vectors.data();
  for (const asio::const_buffer& piece : pieces.first(std::min(pieces.size(), kMostPieces))) {
    if (piece.size() == 0) continue;
    // What is written is not changed; iovec serves reading too.
    vectors[message.msg_iovlen++] = {const_cast<void*>(piece.data()), piece.size()};
  }
  return send(socket, message);
}

ssize_t send_pieces(int socket, std::span<const asio::const_buffer> pieces) {
  if (const asio::const_buffer* only = only_piece_of(pieces); only != nullptr)
    return send(socket, only->data(), only->size());
  if (asio::buffer_size(pieces) > kMostPutTogether) return send_gathered(socket, pieces);
  std::array<char, kMostPutTogether> copy;  // NOLINT(*-member-init): filled as far as it is used
  std::size_t size = 0;
  for (const asio::const_buffer& piece : pieces) {
    if (piece.size() == 0) continue;
    std::memcpy(copy.data() + size, piece.data(), piece.size());
    size += piece.size();
  }
  const ssize_t bytes = send(socket, copy.data(), size);
  explicit_bzero(copy.data(), size);  // a head may hold a credential; leaves errno alone
  return bytes;
}

}  // namespace

base::Error connection_broken(base::Side side, std::string detail) {
  const auto fault =
      side == base::Side::client ? base::Fault::client_gone : base::Fault::upstream_closed;
  return {fault, side, std::move(detail)};
}

base::Error not_watched() {
  return {base::Fault::no_capacity, base::Side::gateway,
          "the system has no memory to watch one more socket"};
}

std::string text_of(const asio::ip::tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + host + "]:" + port : host + ":" + port;
}

std::uint64_t unsent_bytes_of(int socket) {
  int bytes = 0;
  if (ioctl(socket, SIOCOUTQ, &bytes) != 0) return 0;
  return bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
}

// An error is ignored: the peer may be gone already, and the first read will say so.
void send_at_once(int socket) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

void prepare_reset(int socket) {
  const linger at_once{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

TcpStream::TcpStream(const Executor& executor, base::Descriptor socket, base::Side side)
    : socket_(std::move(socket)), readiness_(executor, socket_.number(), side), side_(side) {
  send_at_once(socket_.number());
  if (!readiness_.is_watched()) fail(not_watched());
}

base::Descriptor TcpStream::release() {
  readiness_.leave();
  return std::move(socket_);
}

TryResult TcpStream::failed(int error) {
  fail(connection_broken(side_, text_of(error)));
  return {Try::failed, 0};
}

TryResult TcpStream::try_read(asio::mutable_buffer buffer) {
  if (is_closed()) return {Try::failed, 0};
  const ssize_t bytes = receive(socket_.number(), buffer.data(), buffer.size());
  if (bytes < 0) {
    if (!would_block(errno)) return failed(errno);
    if (errno != EINTR) readiness_.note_drained();
    return {Try::wants_read, 0};
  }
  const auto count = static_cast<std::size_t>(bytes);
  if (count > 0 && count < buffer.size()) readiness_.note_drained();
  return {Try::done, count};
}

TryResult TcpStream::try_write(std::span<const asio::const_buffer> pieces) {
  if (is_closed()) return {Try::failed, 0};
  const ssize_t bytes = send_pieces(socket_.number(), pieces);
  if (bytes >= 0) return {Try::done, static_cast<std::size_t>(bytes)};
  if (!would_block(errno)) return failed(errno);
  if (errno != EINTR) readiness_.note_full();
  return {Try::wants_write, 0};
}

void TcpStream::begin_write_later(const Pieces& pieces, TryResult& result, Continuation go_on) {
  readiness_.begin_write_later(*this, pieces, result, std::move(go_on));
}

void TcpStream::begin_wait_readable(Continuation go_on) {
  readiness_.begin_wait_readable(std::move(go_on));
}

void TcpStream::begin_wait_writable(Continuation go_on) {
  readiness_.begin_wait_writable(std::move(go_on));
}

void TcpStream::on_readable(Continuation callback) {
  readiness_.on_readable(std::move(callback));
}

void TcpStream::shutdown_write() {
  ::shutdown(socket_.number(), SHUT_WR);
}

void TcpStream::reset_on_close() {
  prepare_reset(socket_.number());
}

std::uint64_t TcpStream::unsent_bytes() {
  return unsent_bytes_of(socket_.number());
}

void TcpStream::close_now() {
  readiness_.close();
  socket_ = base::Descriptor();
}

}  // namespace spillway::net
