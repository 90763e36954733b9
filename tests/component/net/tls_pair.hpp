#pragma once
// A handshake in memory: one of our server contexts against a client made of OpenSSL's own calls.

#include <spillway/net/tls_context.hpp>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace spillway::net {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

using Session = std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>>;
using SslContext = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, Freed<SSL_free>>;

/// What a test changes of the client before the handshake. The certificate is not verified.
struct PlainClient {
  std::string server_name;
  int version = 0;  // the only one spoken; 0: any
  std::function<void(SSL*)> more = nullptr;
  SSL_SESSION* session = nullptr;  // to resume
  std::string certificate_file = "";
  std::string private_key_file = "";
};

class TlsPair {
 public:
  /// Does the handshake, as far as it goes.
  TlsPair(const TlsContext& server, const PlainClient& client)
      : client_context_(SSL_CTX_new(TLS_client_method())),
        client_(make_client(client)),
        server_(SSL_new(server.native())) {
    shake_hands();
  }
  /// The same with a client that is ready to begin.
  TlsPair(const TlsContext& server, Ssl client)
      : client_(std::move(client)), server_(SSL_new(server.native())) {
    shake_hands();
  }

  [[nodiscard]] bool is_done() const { return is_established_; }
  [[nodiscard]] bool is_resumed() const { return SSL_session_reused(server_.get()) == 1; }
  [[nodiscard]] SSL* client() const { return client_.get(); }
  [[nodiscard]] SSL* server() const { return server_.get(); }
  /// What the client could resume.
  [[nodiscard]] Session session() const { return Session(SSL_get1_session(client_.get())); }
  /// Whether the certificate shown has this name.
  [[nodiscard]] bool is_shown(const std::string& name) const {
    X509* shown = SSL_get0_peer_certificate(client_.get());
    return shown != nullptr && X509_check_host(shown, name.data(), name.size(), 0, nullptr) == 1;
  }

 private:
  void shake_hands() {
    BIO* near = nullptr;
    BIO* far = nullptr;
    BIO_new_bio_pair(&near, 0, &far, 0);
    SSL_set_bio(client_.get(), near, near);
    SSL_set_bio(server_.get(), far, far);
    SSL_set_connect_state(client_.get());
    SSL_set_accept_state(server_.get());
    constexpr int enough = 10;
    for (int i = 0; i < enough && !is_established(); ++i) {
      SSL_do_handshake(client_.get());
      SSL_do_handshake(server_.get());
    }
    if (is_established()) is_established_ = pass_a_byte();
  }
  Ssl make_client(const PlainClient& wanted) {
    SSL_CTX* context = client_context_.get();
    // Weaker than the server must be, so that it is the server that refuses.
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (!wanted.certificate_file.empty()) {
      SSL_CTX_use_certificate_chain_file(context, wanted.certificate_file.c_str());
      SSL_CTX_use_PrivateKey_file(context, wanted.private_key_file.c_str(), SSL_FILETYPE_PEM);
    }
    if (wanted.version != 0) {
      SSL_CTX_set_min_proto_version(context, wanted.version);
      SSL_CTX_set_max_proto_version(context, wanted.version);
    }
    Ssl client(SSL_new(context));
    if (!wanted.server_name.empty()) {
      SSL_set_tlsext_host_name(client.get(), wanted.server_name.c_str());
    }
    if (wanted.session != nullptr) SSL_set_session(client.get(), wanted.session);
    if (wanted.more) wanted.more(client.get());
    return client;
  }
  [[nodiscard]] bool is_established() const {
    return SSL_is_init_finished(client_.get()) == 1 && SSL_is_init_finished(server_.get()) == 1;
  }
  // TLS 1.3: tickets come, and a client's certificate is judged, after the client has finished.
  bool pass_a_byte() {
    char byte = 'x';
    return SSL_write(server_.get(), &byte, 1) == 1 && SSL_read(client_.get(), &byte, 1) == 1;
  }

  SslContext client_context_;
  Ssl client_;
  Ssl server_;
  bool is_established_ = false;
};

inline TlsContext made(base::Result<TlsContext> context) {
  if (!context) throw std::runtime_error(context.error().detail());
  return std::move(context.value());
}

}  // namespace spillway::net
