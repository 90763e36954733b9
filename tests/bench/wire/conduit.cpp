#include "bench/wire/conduit.hpp"

#include <openssl/err.h>

#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace spillway::bench {
namespace {

constexpr int kBacklog = 4096;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void switch_on(int descriptor, int level, int option) {
  const int on = 1;
  setsockopt(descriptor, level, option, &on, sizeof on);
}

TlsContext tls_context(const SSL_METHOD* method) {
  TlsContext context(SSL_CTX_new(method), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  return context;
}

}  // namespace

TlsContext server_tls(const std::string& certificate_file, const std::string& key_file) {
  TlsContext context = tls_context(TLS_server_method());
  const bool is_good =
      SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) == 1 &&
      SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!is_good) throw std::runtime_error("cannot use " + certificate_file);
  return context;
}

TlsContext client_tls() {
  return tls_context(TLS_client_method());
}

Conduit::Conduit(int descriptor, const TlsContext& tls, Role role) : descriptor_(descriptor) {
  if (!tls) return;
  tls_ = SSL_new(tls.get());
  SSL_set_fd(tls_, descriptor);
  if (role == Role::server) {
    SSL_set_accept_state(tls_);
  } else {
    SSL_set_connect_state(tls_);
  }
}

Conduit::~Conduit() {
  close();
}

Conduit::Conduit(Conduit&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), tls_(std::exchange(other.tls_, nullptr)) {}

void Conduit::close() {
  if (tls_ != nullptr) SSL_free(tls_);
  if (descriptor_ >= 0) ::close(descriptor_);
  tls_ = nullptr;
  descriptor_ = -1;
}

Moved Conduit::judge_tls(int result) {
  if (result > 0) return {Step::moved, static_cast<std::size_t>(result)};
  const int why = SSL_get_error(tls_, result);
  wants_input_ = why == SSL_ERROR_WANT_READ;
  const bool is_blocked = wants_input_ || why == SSL_ERROR_WANT_WRITE;
  ERR_clear_error();
  return {is_blocked ? Step::blocked : Step::ended, 0};
}

Moved Conduit::read(std::span<char> room) {
  if (tls_ != nullptr) return judge_tls(SSL_read(tls_, room.data(), static_cast<int>(room.size())));
  const auto came = ::recv(descriptor_, room.data(), room.size(), 0);
  if (came > 0) return {Step::moved, static_cast<std::size_t>(came)};
  return {came < 0 && errno == EAGAIN ? Step::blocked : Step::ended, 0};
}

Moved Conduit::write(std::string_view bytes) {
  if (tls_ != nullptr)
    return judge_tls(SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())));
  const auto went = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (went > 0) return {Step::moved, static_cast<std::size_t>(went)};
  return {went < 0 && errno == EAGAIN ? Step::blocked : Step::ended, 0};
}

int listen_on_loopback(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  switch_on(listener, SOL_SOCKET, SO_REUSEADDR);
  const sockaddr_in address = loopback(port);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail("bind");
  if (listen(listener, kBacklog) != 0) fail("listen");
  return listener;
}

std::uint16_t port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

int accept_from(int listener) {
  const int descriptor = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor >= 0) switch_on(descriptor, IPPROTO_TCP, TCP_NODELAY);
  return descriptor;
}

int connect_to_loopback(std::uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  const sockaddr_in address = loopback(port);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(descriptor);
    return -1;
  }
  switch_on(descriptor, IPPROTO_TCP, TCP_NODELAY);
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
  return descriptor;
}

}  // namespace spillway::bench
