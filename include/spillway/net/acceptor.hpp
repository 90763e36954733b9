#pragma once
// Listening sockets: one per worker on the same address (SO_REUSEPORT), so that the kernel spreads
// connections and no worker hands a socket to another.

#include <spillway/base/descriptor.hpp>
#include <spillway/base/result.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>

namespace spillway::net {

namespace asio = boost::asio;

/// What is written in the configuration as an endpoint; nothing is bound. Error: no address.
base::Result<asio::ip::tcp::endpoint> endpoint_of_address(const std::string& host,
                                                          std::uint16_t port);

/// Finds the endpoint to listen on and makes sure that nobody else does: with SO_REUSEPORT a second
/// daemon on the same port would succeed and take half of the traffic. Port 0: a free one is
/// chosen. The error names the address and the reason.
base::Result<asio::ip::tcp::endpoint> reserve_endpoint(const std::string& host, std::uint16_t port);

/// Listens on an endpoint found by reserve_endpoint; accepting does not block.
base::Result<base::Descriptor> open_acceptor(const asio::ip::tcp::endpoint& endpoint);

/// Where a socket that came from elsewhere listens. The error completes "the socket …": it is none,
/// or does not listen for TCP.
base::Result<asio::ip::tcp::endpoint> endpoint_of_listener(int descriptor);

/// Listens on such a socket; others may listen on it too, and each connection goes to one of them.
base::Result<base::Descriptor> adopt_acceptor(base::Descriptor socket);

}  // namespace spillway::net
