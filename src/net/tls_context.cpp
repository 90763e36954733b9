#include "server_certificates.hpp"
#include "session_tickets.hpp"
#include <spillway/net/session_keeping.hpp>
#include <spillway/net/tls_context.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

namespace spillway::net {
namespace {

using base::Error;
using base::Fault;
using base::Side;

// What RFC 9325 §4 recommends: 112 bits of strength at least, so no SHA-1 signature and no RSA key
// under 2048 bits on either side.
constexpr int kSecurityLevel = 2;
constexpr const char* kGroups = "X25519:P-256:P-384";

// TLS 1.3 suites are all AEAD; this is the list for TLS 1.2.
constexpr const char* kAeadSuites =
    "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL:!SHA1:!SHA256:!SHA384";

constexpr std::array<unsigned char, 9> kAlpnHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

Error tls_error(const std::string& what) {
  return {Fault::tls_failed, Side::gateway, what + ": " + take_openssl_error()};
}

base::Result<std::shared_ptr<ssl_ctx_st>> make_context(const SSL_METHOD* method,
                                                       TlsVersion min_version) {
  std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context) return tls_error("TLS cannot be set up");
  SSL_CTX* native = context.get();
  SSL_CTX_set_security_level(native, kSecurityLevel);
  SSL_CTX_set_min_proto_version(
      native, min_version == TlsVersion::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(
      native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Buffers are given back while a connection idles: about 15 KiB instead of 50.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                               SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A record's head and its body in one call of the system, and what came behind it.
  SSL_CTX_set_read_ahead(native, 1);
  if (SSL_CTX_set_cipher_list(native, kAeadSuites) != 1) return tls_error("TLS suites");
  if (SSL_CTX_set1_groups_list(native, kGroups) != 1) return tls_error("TLS groups");
  return context;
}

// A client that offers only other protocols (h2) goes on without ALPN, as curl and browsers accept.
int choose_http11(SSL*, const unsigned char** out, unsigned char* out_size,
                  const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* chosen = nullptr;
  const int result = SSL_select_next_proto(&chosen, out_size, kAlpnHttp11.data(),
                                           kAlpnHttp11.size(), offered, offered_size);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::string take_openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : text.data();
}

base::Result<TlsContext> TlsContext::for_server(const ServerTls& settings) {
  auto made = make_context(TLS_server_method(), settings.min_version);
  if (!made) return made.error();
  SSL_CTX* native = made.value().get();
  if (auto used = use_certificates(native, settings.certificates); !used) return used.error();
  SSL_CTX_set_alpn_select_cb(native, choose_http11, nullptr);
  if (settings.client_ca_file) {
    const char* file = settings.client_ca_file->c_str();
    auto* names = SSL_load_client_CA_file(file);
    if (names == nullptr || SSL_CTX_load_verify_file(native, file) != 1) {
      sk_X509_NAME_pop_free(names, X509_NAME_free);
      return tls_error("client_ca_file " + *settings.client_ca_file + " cannot be used");
    }
    SSL_CTX_set_client_CA_list(native, names);
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  if (!offer_tickets(native, settings.tickets)) return tls_error("TLS sessions cannot be set up");
  return TlsContext(std::move(made.value()));
}

base::Result<TlsContext> TlsContext::for_client(const ClientTls& settings) {
  auto made = make_context(TLS_client_method(), settings.min_version);
  if (!made) return made.error();
  SSL_CTX* native = made.value().get();
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  if (settings.ca_file) {
    if (SSL_CTX_load_verify_file(native, settings.ca_file->c_str()) != 1) {
      return tls_error("ca_file " + *settings.ca_file + " cannot be used");
    }
  } else if (SSL_CTX_set_default_verify_paths(native) != 1) {
    return tls_error("the system's CA store cannot be used");
  }
  SSL_CTX_set_alpn_protos(native, kAlpnHttp11.data(), kAlpnHttp11.size());
  if (!keep_sessions(native)) return tls_error("TLS sessions cannot be set up");
  return TlsContext(std::move(made.value()));
}

}  // namespace spillway::net
