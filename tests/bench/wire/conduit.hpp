#pragma once
// A socket that does not block, with or without TLS, and the ways to come by one. Loopback only.

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace spillway::bench {

enum class Step { moved, blocked, ended };

struct Moved {
  Step step = Step::blocked;
  std::size_t bytes = 0;
};

using TlsContext = std::shared_ptr<SSL_CTX>;

/// TLS 1.3, as all peers are configured.
TlsContext server_tls(const std::string& certificate_file, const std::string& key_file);
/// Verifies nothing: the certificate is the bench's own.
TlsContext client_tls();

class Conduit {
 public:
  enum class Role { client, server };

  /// Without `tls` plain. Takes the descriptor.
  Conduit(int descriptor, const TlsContext& tls, Role role);
  ~Conduit();
  Conduit(Conduit&& other) noexcept;
  Conduit& operator=(Conduit&&) = delete;

  Moved read(std::span<char> room);
  Moved write(std::string_view bytes);
  void close();

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// Whether the last write was blocked for want of input (a TLS handshake).
  [[nodiscard]] bool wants_input() const { return wants_input_; }

 private:
  Moved judge_tls(int result);

  int descriptor_ = -1;
  bool wants_input_ = false;
  SSL* tls_ = nullptr;
};

/// Throws std::system_error.
int listen_on_loopback(std::uint16_t port);
std::uint16_t port_of(int listener);
/// Negative when nobody waits (any more).
int accept_from(int listener);
/// Waits for the connection, which on loopback takes no time. Negative if refused.
int connect_to_loopback(std::uint16_t port);

}  // namespace spillway::bench
