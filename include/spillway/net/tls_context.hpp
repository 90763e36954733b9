#pragma once
// TLS settings shared by many connections: TLS 1.2 or newer, AEAD suites only, no renegotiation, no
// compression (limits-and-security: Transport). Immutable after creation; may be shared by threads.

#include <spillway/base/result.hpp>

#include <memory>
#include <optional>
#include <string>

struct ssl_ctx_st;

namespace spillway::net {

class TlsContext {
 public:
  /// For a listener. Errors name the file and what is wrong with it. With `client_ca_file` a client
  /// certificate of that CA is demanded.
  static base::Result<TlsContext> for_server(const std::string& certificate_file,
                                             const std::string& private_key_file,
                                             const std::optional<std::string>& client_ca_file);

  /// For connections to backends. Verification is always on: against `ca_file`, else the system's
  /// CA store.
  static base::Result<TlsContext> for_client(const std::optional<std::string>& ca_file);

  [[nodiscard]] ssl_ctx_st* native() const { return context_.get(); }

 private:
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

/// The oldest error of OpenSSL's queue as text, the queue emptied.
std::string take_openssl_error();

}  // namespace spillway::net
