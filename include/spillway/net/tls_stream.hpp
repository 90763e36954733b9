#pragma once
// A stream over TLS: OpenSSL works on the non-blocking socket itself, and readiness is waited for
// on the socket. So there is never an operation of OpenSSL outstanding, close() is a plain close,
// and no byte is copied through a BIO pair (docs/decisions/0009).

#include <spillway/net/tcp_stream.hpp>
#include <spillway/net/tls_context.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

struct ssl_st;

namespace spillway::net {

struct ExpectedServer;
struct SocketForOpenssl;

class TlsStream final : public Stream {
 public:
  /// Takes a connected socket that never blocks. The handshake is still to be done.
  TlsStream(const Executor& executor, base::Descriptor socket, const TlsContext& context,
            base::Side side);
  ~TlsStream() override;

  /// As the server. The caller holds a deadline. Fault::bad_request: plain HTTP came; the socket is
  /// to be had by release(), its first bytes are gone. Fault::client_gone: nothing came at all.
  Task<base::Result<void>> accept();
  /// As the client: sends `server_name` as SNI (unless it is an IP literal) and verifies the
  /// certificate for it. Fault::tls_failed says what did not fit. Resumes a session with that
  /// server if the context has one.
  Task<base::Result<void>> connect(const std::string& server_name);

  /// Whether the handshake resumed a session.
  [[nodiscard]] bool is_resumed() const;
  /// Gives the socket away, after accept() gave Fault::bad_request.
  base::Descriptor release();

  TryResult try_read(asio::mutable_buffer buffer) override;
  TryResult try_write(std::span<const asio::const_buffer> pieces) override;
  [[nodiscard]] bool should_write_later() const override { return readiness_.has_turn_more(); }
  void on_readable(Continuation callback) override;
  bool take_back_readable() override { return readiness_.take_back_readable(); }
  [[nodiscard]] bool is_readable() const override;
  void shutdown_write() override;
  void reset_on_close() override;
  [[nodiscard]] bool is_encrypted() const override { return true; }
  [[nodiscard]] std::uint64_t unsent_bytes() override;
  [[nodiscard]] std::vector<std::string> peer_certificate_names() const override;

 private:
  void close_now() override;
  void begin_wait_readable(Continuation go_on) override;
  void begin_wait_writable(Continuation go_on) override;
  void begin_write_later(const Pieces& pieces, TryResult& result, Continuation go_on) override;
  Task<base::Result<void>> handshake();
  TryResult read_record(asio::mutable_buffer buffer);
  std::size_t read_next_record(asio::mutable_buffer buffer);
  TryResult write_piece(asio::const_buffer piece);
  TryResult result_of(int returned, std::size_t bytes);
  [[nodiscard]] base::Error handshake_failure() const;
  [[nodiscard]] bool holds_input() const;

  base::Descriptor socket_;
  Readiness readiness_;
  std::unique_ptr<SocketForOpenssl> input_and_output_;  // outlives ssl_, which refers to it
  std::unique_ptr<ExpectedServer> server_;  // as the client; outlives ssl_, which refers to it
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  base::Side side_;
  bool is_established_ = false;
  bool is_starved_ = false;   // what OpenSSL holds is less than a record
  bool has_met_end_ = false;  // behind what was given last: the next read will say so
};

}  // namespace spillway::net
