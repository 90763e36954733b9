#include "certificate_names.hpp"
#include "socket_bio.hpp"
#include <spillway/net/session_keeping.hpp>
#include <spillway/net/tls_stream.hpp>

#include <boost/asio/ip/address.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstring>
#include <optional>
#include <sys/socket.h>
#include <utility>

namespace spillway::net {
namespace {

constexpr std::size_t kRecordBytes = 16U << 10U;  // the largest TLS record (RFC 8446 §5.1)

bool is_ip_literal(const std::string& name) {
  boost::system::error_code error;
  asio::ip::make_address(name, error);
  return !error;
}

bool expect_name(SSL* ssl, const std::string& name) {
  if (is_ip_literal(name))
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set_tlsext_host_name(ssl, name.c_str()) == 1 && SSL_set1_host(ssl, name.c_str()) == 1;
}

}  // namespace

TlsStream::TlsStream(const Executor& executor, base::Descriptor socket, const TlsContext& context,
                     base::Side side)
    : socket_(std::move(socket)),
      readiness_(executor, socket_.number(), side),
      input_and_output_(new SocketForOpenssl{socket_.number(), readiness_}),
      ssl_(SSL_new(context.native()), SSL_free),
      side_(side) {
  send_at_once(socket_.number());
  if (!readiness_.is_watched()) fail(not_watched());
  BIO* bio = ssl_ ? make_socket_bio(*input_and_output_) : nullptr;
  if (bio == nullptr) {
    fail({base::Fault::tls_failed, side_, take_openssl_error()});
    return;
  }
  SSL_set_bio(ssl_.get(), bio, bio);
}

base::Descriptor TlsStream::release() {
  readiness_.leave();
  input_and_output_->descriptor = -1;
  return std::move(socket_);
}

TlsStream::~TlsStream() = default;

Task<base::Result<void>> TlsStream::accept() {
  if (!is_closed()) SSL_set_accept_state(ssl_.get());
  return handshake();
}

Task<base::Result<void>> TlsStream::connect(const std::string& server_name) {
  if (!is_closed()) {
    SSL_set_connect_state(ssl_.get());
    server_ = std::make_unique<ExpectedServer>();
    server_->name = server_name;
    offer_session(ssl_.get(), *server_, base::SteadyClock::now());
    if (!expect_name(ssl_.get(), server_name)) {
      fail({base::Fault::tls_failed, side_, "server name " + server_name + " cannot be verified"});
    }
  }
  return handshake();
}

base::Error TlsStream::handshake_failure() const {
  const std::string what = take_openssl_error();
  const bool is_server = SSL_is_server(ssl_.get()) == 1;
  const std::optional<char> first = input_and_output_->first_byte;
  if (is_server && !first) {
    return connection_broken(side_, "closed before the TLS handshake");
  }
  // A method of HTTP begins with a capital letter, a TLS record never does (RFC 8446 §5.1). OpenSSL
  // sends no alert to somebody whose first bytes are no TLS.
  if (is_server && *first >= 'A' && *first <= 'Z') {
    return {base::Fault::bad_request, side_, "plain HTTP was sent to an https port"};
  }
  const long verified = SSL_get_verify_result(ssl_.get());
  if (verified == X509_V_OK) {
    return {base::Fault::tls_failed, side_, "TLS handshake failed: " + what};
  }
  return {base::Fault::tls_failed, side_,
          std::string("certificate not accepted: ") + X509_verify_cert_error_string(verified)};
}

Task<base::Result<void>> TlsStream::handshake() {
  while (!is_closed()) {
    ERR_clear_error();
    const int returned = SSL_do_handshake(ssl_.get());
    if (returned == 1) {
      is_established_ = true;
      is_starved_ = false;
      if (server_) settle_session(ssl_.get(), *server_, base::SteadyClock::now());
      co_return base::Result<void>();
    }
    const int error = SSL_get_error(ssl_.get(), returned);
    is_starved_ = error == SSL_ERROR_WANT_READ;
    if (error == SSL_ERROR_WANT_READ) {
      co_await wait_readable();
    } else if (error == SSL_ERROR_WANT_WRITE) {
      co_await wait_writable();
    } else {
      fail(handshake_failure());
    }
  }
  co_return *failure();
}

TryResult TlsStream::result_of(int returned, std::size_t bytes) {
  if (returned == 1) return {Try::done, bytes};
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return {Try::wants_read, 0};
    case SSL_ERROR_WANT_WRITE:
      return {Try::wants_write, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Try::done, 0};  // close_notify: a clean end
    default:
      break;
  }
  // OpenSSL 3 reports a TCP end without close_notify as "unexpected eof": a cut, not an end.
  fail(connection_broken(side_, "TLS connection cut: " + take_openssl_error()));
  return {Try::failed, 0};
}

// Record after record while there are any: as much as a plain socket would give at once.
TryResult TlsStream::try_read(asio::mutable_buffer buffer) {
  if (is_closed()) return {Try::failed, 0};
  TryResult result = read_record(buffer);
  while (result.bytes > 0 && result.bytes < buffer.size() && is_readable()) {
    const std::size_t more = read_next_record(buffer + result.bytes);
    if (more == 0) break;
    result.bytes += more;
  }
  return result;
}

TryResult TlsStream::read_record(asio::mutable_buffer buffer) {
  ERR_clear_error();
  has_met_end_ = false;
  std::size_t bytes = 0;
  const int returned = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &bytes);
  const TryResult result = result_of(returned, bytes);
  is_starved_ = result.outcome == Try::wants_read;
  return result;
}

// 0: none. What came before it is not lost to an end or a failure, which the next read finds again.
std::size_t TlsStream::read_next_record(asio::mutable_buffer buffer) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int returned = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &bytes);
  if (returned == 1) return bytes;
  const int error = SSL_get_error(ssl_.get(), returned);
  is_starved_ = error == SSL_ERROR_WANT_READ;
  has_met_end_ = error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
  ERR_clear_error();
  return 0;
}

TryResult TlsStream::write_piece(asio::const_buffer piece) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int returned = SSL_write_ex(ssl_.get(), piece.data(), piece.size(), &bytes);
  const TryResult result = result_of(returned, bytes);
  if (result.outcome != Try::done || result.bytes > 0) return result;
  // After the peer's close_notify OpenSSL reports a broken connection as that clean end, even to a
  // write; "done, 0 bytes" would be tried again for ever.
  fail(connection_broken(side_, "TLS connection closed by the peer"));
  return {Try::failed, 0};
}

TryResult TlsStream::try_write(std::span<const asio::const_buffer> pieces) {
  if (is_closed()) return {Try::failed, 0};
  if (const asio::const_buffer* only = only_piece_of(pieces)) return write_piece(*only);
  // Small pieces go out as one record: a chunk's head, its bytes and its end would be three. A
  // retry after wants_write brings the same pieces, as OpenSSL demands.
  std::array<char, kRecordBytes> record;  // NOLINT(*-member-init): filled as far as it is used
  if (asio::buffer_size(pieces) <= record.size()) {
    const std::size_t size = asio::buffer_copy(asio::buffer(record), pieces);
    if (size == 0) return {Try::done, 0};
    const TryResult result = write_piece({record.data(), size});
    explicit_bzero(record.data(), size);  // a head may hold a credential
    return result;
  }
  std::size_t total = 0;
  for (const asio::const_buffer& piece : pieces) {
    if (piece.size() == 0) continue;
    const TryResult result = write_piece(piece);
    if (result.outcome == Try::failed) return result;
    if (result.outcome != Try::done) return total > 0 ? TryResult{Try::done, total} : result;
    total += result.bytes;
    if (result.bytes < piece.size()) break;
  }
  return {Try::done, total};
}

// What OpenSSL has read makes no socket readable. SSL_has_pending counts half a record too, for
// which waiting is right: reading has found that out then.
bool TlsStream::holds_input() const {
  return !is_closed() && (has_met_end_ || SSL_pending(ssl_.get()) > 0 ||
                          (!is_starved_ && SSL_has_pending(ssl_.get()) == 1));
}

bool TlsStream::is_readable() const {
  return readiness_.is_readable() || holds_input();
}

void TlsStream::begin_write_later(const Pieces& pieces, TryResult& result, Continuation go_on) {
  readiness_.begin_write_later(*this, pieces, result, std::move(go_on));
}

void TlsStream::begin_wait_readable(Continuation go_on) {
  if (holds_input()) {
    readiness_.post(std::move(go_on));
  } else {
    readiness_.begin_wait_readable(std::move(go_on));
  }
}

void TlsStream::begin_wait_writable(Continuation go_on) {
  readiness_.begin_wait_writable(std::move(go_on));
}

void TlsStream::on_readable(Continuation callback) {
  if (holds_input()) {
    readiness_.post(std::move(callback));
  } else {
    readiness_.on_readable(std::move(callback));
  }
}

void TlsStream::shutdown_write() {
  if (is_closed()) return;
  // One close_notify, sent if the socket takes it; the peer's is not waited for (Asio's
  // async_shutdown waits for ever). After a fatal error OpenSSL forbids the call.
  if (is_established_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  ::shutdown(socket_.number(), SHUT_WR);
}

std::vector<std::string> TlsStream::peer_certificate_names() const {
  const bool is_verified =
      ssl_ != nullptr && is_established_ && SSL_get_verify_result(ssl_.get()) == X509_V_OK;
  const X509* certificate = is_verified ? SSL_get0_peer_certificate(ssl_.get()) : nullptr;
  return certificate == nullptr ? std::vector<std::string>() : names_in(*certificate);
}

// No close_notify says the same, but not every client listens for it.
void TlsStream::reset_on_close() {
  prepare_reset(socket_.number());
}

bool TlsStream::is_resumed() const {
  return is_established_ && SSL_session_reused(ssl_.get()) == 1;
}

std::uint64_t TlsStream::unsent_bytes() {
  return unsent_bytes_of(socket_.number());
}

void TlsStream::close_now() {
  readiness_.close();
  input_and_output_->descriptor = -1;
  socket_ = base::Descriptor();
}

}  // namespace spillway::net
