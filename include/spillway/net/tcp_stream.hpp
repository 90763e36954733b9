#pragma once
// A stream over a connected TCP socket.

#include <spillway/base/descriptor.hpp>
#include <spillway/net/readiness.hpp>
#include <spillway/net/stream.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace spillway::net {

class TcpStream final : public Stream {
 public:
  /// Takes a connected socket that never blocks; sets TCP_NODELAY. `side`: whose failures these
  /// are.
  TcpStream(const Executor& executor, base::Descriptor socket, base::Side side);

  TryResult try_read(asio::mutable_buffer buffer) override;
  TryResult try_write(std::span<const asio::const_buffer> pieces) override;
  [[nodiscard]] bool should_write_later() const override { return readiness_.has_turn_more(); }
  void on_readable(Continuation callback) override;
  bool take_back_readable() override { return readiness_.take_back_readable(); }
  [[nodiscard]] bool is_readable() const override { return readiness_.is_readable(); }
  void shutdown_write() override;
  void reset_on_close() override;
  [[nodiscard]] std::uint64_t unsent_bytes() override;

  /// Gives the socket away, still connected; nothing may be waited for. The stream is of no use
  /// afterwards.
  base::Descriptor release();

 private:
  void close_now() override;
  void begin_wait_readable(Continuation go_on) override;
  void begin_wait_writable(Continuation go_on) override;
  void begin_write_later(const Pieces& pieces, TryResult& result, Continuation go_on) override;
  TryResult failed(int error);

  base::Descriptor socket_;
  Readiness readiness_;
  base::Side side_;
};

/// The fault of a broken established connection: client_gone or upstream_closed.
base::Error connection_broken(base::Side side, std::string detail);

/// "127.0.0.1:4711" or "[::1]:4711".
std::string text_of(const asio::ip::tcp::endpoint& endpoint);

/// Makes closing it a reset.
void prepare_reset(int socket);
/// What the system holds of what was written, until the peer acknowledges it.
std::uint64_t unsent_bytes_of(int socket);

/// Small writes leave at once (no Nagle): a stream of events is made of small writes.
void send_at_once(int socket);

/// Why a socket that the system will not watch is of no use.
base::Error not_watched();

}  // namespace spillway::net
