#pragma once
// TLS settings shared by many connections: TLS 1.2 or newer, AEAD suites with ephemeral keys only,
// no renegotiation, no compression (limits-and-security: Transport). Immutable after creation but
// for the sessions it keeps; may be shared by threads.

#include <spillway/base/result.hpp>
#include <spillway/net/ticket_keys.hpp>
#include <spillway/net/tls_sessions.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct ssl_ctx_st;

namespace spillway::net {

enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };

/// In PEM: the certificate first and then its chain; the key without a passphrase.
struct CertificateFiles {
  std::string certificate_file;
  std::string private_key_file;
};

struct ServerTls {
  /// The first is the default; the others are shown to callers that ask for one of their DNS names
  /// (net/certificate_choice). At least one.
  std::vector<CertificateFiles> certificates;
  /// A client certificate of an authority in this file is demanded.
  std::optional<std::string> client_ca_file;
  TlsVersion min_version = TlsVersion::tls_1_2;
  /// What session tickets are sealed with; null: no sessions are resumed. Several contexts may
  /// share them: a session is resumed only where the same authorities for clients are asked for.
  std::shared_ptr<TicketKeys> tickets;
};

struct ClientTls {
  std::optional<std::string> ca_file;  // instead of the system's CA store
  TlsVersion min_version = TlsVersion::tls_1_2;
};

class TlsContext {
 public:
  /// For a listener. Errors name the file and what is wrong with it.
  static base::Result<TlsContext> for_server(const ServerTls& settings);

  /// For connections to servers. Verification is always on. Sessions are kept for the next
  /// connection.
  static base::Result<TlsContext> for_client(const ClientTls& settings);

  [[nodiscard]] ssl_ctx_st* native() const { return context_.get(); }

 private:
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

/// The oldest error of OpenSSL's queue as text, the queue emptied.
std::string take_openssl_error();

}  // namespace spillway::net
