#pragma once
// A stream over a connected TCP socket.

#include <spillway/net/stream.hpp>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace spillway::net {

using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

class TcpStream final : public Stream {
 public:
  /// Takes a connected socket; sets TCP_NODELAY. `side`: whose failures these are.
  TcpStream(TcpSocket socket, base::Side side);

  TryResult try_read(asio::mutable_buffer buffer) override;
  TryResult try_write(std::span<const asio::const_buffer> pieces) override;
  Task<void> wait_readable() override;
  Task<void> wait_writable() override;
  void on_readable(std::function<void()> callback) override;
  void shutdown_write() override;
  void reset_on_close() override;
  [[nodiscard]] std::uint64_t unsent_bytes() override;
  [[nodiscard]] std::string peer() const override;

  /// Gives the socket away, still connected; nothing may be waited for. The stream is of no use
  /// afterwards.
  TcpSocket release() { return std::move(socket_); }

 private:
  void close_now() override;
  TryResult failed(const boost::system::error_code& error);

  TcpSocket socket_;
  base::Side side_;
};

/// The fault of a broken established connection: client_gone or upstream_closed.
base::Error connection_broken(base::Side side, std::string detail);

/// "127.0.0.1:4711" or "[::1]:4711"; empty if the socket is not connected.
std::string peer_of(const TcpSocket& socket);

/// Makes closing it a reset.
void prepare_reset(TcpSocket& socket);
/// What the system holds of what was written, until the peer acknowledges it.
std::uint64_t unsent_bytes_of(TcpSocket& socket);

/// Small writes leave at once (no Nagle): a stream of events is made of small writes.
void prepare_socket(TcpSocket& socket);

}  // namespace spillway::net
