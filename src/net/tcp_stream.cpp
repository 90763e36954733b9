#include <spillway/net/tcp_stream.hpp>

#include <boost/asio/redirect_error.hpp>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <utility>

namespace spillway::net {

base::Error connection_broken(base::Side side, std::string detail) {
  const auto fault =
      side == base::Side::client ? base::Fault::client_gone : base::Fault::upstream_closed;
  return {fault, side, std::move(detail)};
}

std::string peer_of(const TcpSocket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return {};
  const std::string host = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + host + "]:" + port : host + ":" + port;
}

std::uint64_t unsent_bytes_of(TcpSocket& socket) {
  int bytes = 0;
  if (!socket.is_open() || ioctl(socket.native_handle(), SIOCOUTQ, &bytes) != 0) return 0;
  return bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
}

void prepare_socket(TcpSocket& socket) {
  boost::system::error_code ignored;  // the peer may be gone already; the first read will say so
  socket.non_blocking(true, ignored);
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
}

void prepare_reset(TcpSocket& socket) {
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
}

TcpStream::TcpStream(TcpSocket socket, base::Side side) : socket_(std::move(socket)), side_(side) {
  prepare_socket(socket_);
}

TryResult TcpStream::failed(const boost::system::error_code& error) {
  fail(connection_broken(side_, error.message()));
  return {Try::failed, 0};
}

TryResult TcpStream::try_read(asio::mutable_buffer buffer) {
  if (is_closed()) return {Try::failed, 0};
  boost::system::error_code error;
  const std::size_t bytes = socket_.read_some(buffer, error);
  if (!error) return {Try::done, bytes};
  if (error == asio::error::eof) return {Try::done, 0};
  if (error == asio::error::would_block || error == asio::error::interrupted) {
    return {Try::wants_read, 0};
  }
  return failed(error);
}

TryResult TcpStream::try_write(std::span<const asio::const_buffer> pieces) {
  if (is_closed()) return {Try::failed, 0};
  boost::system::error_code error;
  const std::size_t bytes = socket_.write_some(pieces, error);
  if (!error) return {Try::done, bytes};
  if (error == asio::error::would_block || error == asio::error::interrupted) {
    return {Try::wants_write, 0};
  }
  return failed(error);
}

Task<void> TcpStream::wait_readable() {
  if (is_closed()) co_return;
  boost::system::error_code ignored;  // an error is found again by the attempt that follows
  co_await socket_.async_wait(TcpSocket::wait_read, asio::redirect_error(use_task, ignored));
}

Task<void> TcpStream::wait_writable() {
  if (is_closed()) co_return;
  boost::system::error_code ignored;
  co_await socket_.async_wait(TcpSocket::wait_write, asio::redirect_error(use_task, ignored));
}

void TcpStream::on_readable(std::function<void()> callback) {
  socket_.async_wait(TcpSocket::wait_read,
                     [callback = std::move(callback)](boost::system::error_code) { callback(); });
}

void TcpStream::shutdown_write() {
  boost::system::error_code ignored;
  socket_.shutdown(TcpSocket::shutdown_send, ignored);
}

void TcpStream::reset_on_close() {
  prepare_reset(socket_);
}

std::uint64_t TcpStream::unsent_bytes() {
  return unsent_bytes_of(socket_);
}

std::string TcpStream::peer() const {
  return peer_of(socket_);
}

void TcpStream::close_now() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace spillway::net
