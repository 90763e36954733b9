#pragma once
// How OpenSSL reads and writes a socket of ours: what it finds is noted in the socket's Readiness,
// and nothing is read while nothing is known to be there. OpenSSL's own would ask the system once
// more after each record. And a session ticket waits for what is written next: by itself it would
// be a call of the system, and wake a client that cannot go on by it.

#include <spillway/net/readiness.hpp>

#include <optional>
#include <string>

struct bio_st;
struct ssl_st;

namespace spillway::net {

/// A connected, non-blocking socket as OpenSSL sees it.
struct SocketForOpenssl {
  int descriptor;
  Readiness& readiness;
  const ssl_st* ssl = nullptr;  // that works on it
  std::string ticket = {};      // not sent yet
  bool has_ended = false;
  std::optional<char> first_byte = std::nullopt;  // that came
};

/// Works on `socket`, which outlives it. Null: out of memory.
bio_st* make_socket_bio(SocketForOpenssl& socket);

}  // namespace spillway::net
