#include "attached.hpp"
#include <spillway/net/session_keeping.hpp>
#include <spillway/net/tls_sessions.hpp>

#include <memory>
#include <utility>

namespace spillway::net {
namespace {

// A copy: OpenSSL marks a session of a connection that breaks off as bad, under a lock of its own.
void keep(TlsSessions& sessions, const ExpectedServer& server, const SSL_SESSION* session) {
  TlsSession kept{server.name, {SSL_SESSION_dup(session), SSL_SESSION_free}, server.verified_at};
  if (kept.session) sessions.put(std::move(kept));
}

// TLS 1.2: within the handshake. TLS 1.3: with each ticket that arrives after it.
int on_new_session(SSL* ssl, SSL_SESSION* session) {
  constexpr int took_no_reference = 0;
  const auto* server = static_cast<const ExpectedServer*>(SSL_get_app_data(ssl));
  const bool is_of_use = server != nullptr && SSL_SESSION_is_resumable(session) == 1;
  if (is_of_use) keep(*Attached<TlsSessions>::of(ssl), *server, session);
  return took_no_reference;
}

}  // namespace

bool keep_sessions(SSL_CTX* context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, on_new_session);
  return Attached<TlsSessions>::attach(context, std::make_unique<TlsSessions>());
}

void offer_session(SSL* ssl, ExpectedServer& server, base::SteadyTime now) {
  server.verified_at = now;
  SSL_set_app_data(ssl, &server);
  const auto known = Attached<TlsSessions>::of(ssl)->take(server.name, now);
  if (known && SSL_set_session(ssl, known->session.get()) == 1) {
    server.verified_at = known->verified_at;
  }
}

void settle_session(SSL* ssl, ExpectedServer& server, base::SteadyTime now) {
  const bool is_resumed = SSL_session_reused(ssl) == 1;
  if (!is_resumed) server.verified_at = now;
  // TLS 1.3 gives a new ticket each time; a session of TLS 1.2 may be shown again.
  if (is_resumed && SSL_version(ssl) < TLS1_3_VERSION) {
    keep(*Attached<TlsSessions>::of(ssl), server, SSL_get0_session(ssl));
  }
}

}  // namespace spillway::net
