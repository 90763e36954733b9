#pragma once
// Plays a Dialogue on a connection that was upgraded to WebSocket, with a fault worked in, and
// writes into the journal what came and how it ended. Beast's stream answers pings and close
// frames.

#include "simulator/dialogue.hpp"
#include "simulator/fault.hpp"
#include "simulator/journal.hpp"
#include "simulator/reply.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace boost::asio::ssl {
template <class Stream>
class stream;
}

namespace spillway::simulator {

struct SocketPlan {
  std::unique_ptr<Dialogue> dialogue;
  /// One that acts_within_socket(), if any.
  std::optional<Fault> fault;
  /// Goes onto the 101.
  std::vector<Header> headers;
  Journal* journal = nullptr;
  std::uint64_t record = 0;
};

/// Completed (closed by either side), aborted or faulted. `socket` is what lies below `stream`; it
/// is closed by the caller.
boost::asio::awaitable<Event> hold_websocket(boost::asio::ip::tcp::socket& socket,
                                             const Request& request, SocketPlan plan);
boost::asio::awaitable<Event> hold_websocket(
    boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>& stream,
    boost::asio::ip::tcp::socket& socket, const Request& request, SocketPlan plan);

/// The sub-protocol to agree on: `realtime` if it was offered, else none.
std::string agreed_protocol(const Request& request);

}  // namespace spillway::simulator
