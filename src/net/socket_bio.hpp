#pragma once
// How OpenSSL reads and writes a socket of ours: what it finds is noted in the socket's Readiness,
// and nothing is read while nothing is known to be there. OpenSSL's own would ask the system once
// more after each record.

#include <spillway/net/readiness.hpp>

struct bio_st;

namespace spillway::net {

/// A connected, non-blocking socket as OpenSSL sees it.
struct SocketForOpenssl {
  int descriptor;
  Readiness& readiness;
  bool has_ended = false;
  bool has_begun = false;  // something came
  char first_byte = 0;     // of that
};

/// Works on `socket`, which outlives it. Null: out of memory.
bio_st* make_socket_bio(SocketForOpenssl& socket);

}  // namespace spillway::net
