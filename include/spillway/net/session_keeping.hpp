#pragma once
// The client's side of session resumption: sessions go from OpenSSL into TlsSessions, and from
// there into a new connection to the same server.

#include <spillway/base/time.hpp>

#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace spillway::net {

/// Whom a connection is with, and when his certificate was verified, if he lets us resume: that is
/// then not done again.
struct ExpectedServer {
  std::string name;
  base::SteadyTime verified_at;
};

/// Of a client's context; false: out of memory.
bool keep_sessions(ssl_ctx_st* context);

/// Before the handshake: offers a session, if there is one. What comes of the connection is kept
/// under `server`, which must live as long as `ssl`.
void offer_session(ssl_st* ssl, ExpectedServer& server, base::SteadyTime now);

/// After the handshake.
void settle_session(ssl_st* ssl, ExpectedServer& server, base::SteadyTime now);

}  // namespace spillway::net
