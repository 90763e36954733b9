#pragma once
// A caller's connection while it is open, whoever has it: a Session that serves it, or
// WaitingClients.

#include <spillway/base/time.hpp>
#include <spillway/gateway/address_counts.hpp>
#include <spillway/gateway/connection_span.hpp>
#include <spillway/gateway/place.hpp>
#include <spillway/net/stream.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <memory>

namespace spillway::gateway {

/// What a connection holds of the process's bounds as long as it lives.
struct ConnectionPlaces {
  Place connection;
  AddressCounts::Seat address;  // empty if addresses are not limited
  Place handshake;              // until TLS is established; empty without TLS
};

struct ClientConnection {
  std::unique_ptr<net::Stream> stream;
  net::asio::ip::tcp::endpoint peer;
  ConnectionPlaces places;
  ConnectionSpan span;
  /// Nothing was asked on it yet: a drain lets it ask.
  bool is_new = true;
  /// When the time for its next head is up.
  base::SteadyTime head_until;
};

struct WorkerState;
/// One that was just accepted, or whose TLS handshake is done.
ClientConnection new_connection(WorkerState& worker, std::unique_ptr<net::Stream> stream,
                                const net::asio::ip::tcp::endpoint& peer, ConnectionPlaces places);

}  // namespace spillway::gateway
