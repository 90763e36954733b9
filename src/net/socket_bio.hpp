#pragma once
// How OpenSSL reads and writes a socket of ours: what it finds is noted in the socket's Readiness,
// and nothing is read while nothing is known to be there. OpenSSL's own would ask the system once
// more after each record.

#include <spillway/net/readiness.hpp>

#include <optional>

struct bio_st;

namespace spillway::net {

/// A connected, non-blocking socket as OpenSSL sees it.
struct SocketForOpenssl {
  int descriptor;
  Readiness& readiness;
  bool has_ended = false;
  std::optional<char> first_byte = std::nullopt;  // that came
};

/// Works on `socket`, which outlives it. Null: out of memory.
bio_st* make_socket_bio(SocketForOpenssl& socket);

}  // namespace spillway::net
