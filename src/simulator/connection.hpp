#pragma once
// One client connection of a simulated server: reads requests with Beast, plays the script of each
// answer at its cadence, and notices at once when the client goes away.

#include "simulator/journal.hpp"
#include "simulator/reply.hpp"
#include "simulator/script.hpp"
#include "simulator/service.hpp"
#include "simulator/websocket_session.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace boost::asio::ssl {
class context;
}

namespace spillway::simulator {

class Server;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> tls,
             Server& server, std::uint64_t number);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Ends when the connection is closed by either side. The caller keeps the object alive until
  /// then.
  boost::asio::awaitable<void> run();

  /// Resets the connection; run() ends soon after.
  void kill();

 private:
  struct TlsStream;
  struct Exchange {
    Request request;
    Framing framing;
    bool wants_websocket = false;
  };

  boost::asio::awaitable<std::optional<Exchange>> read_request();
  boost::asio::awaitable<bool> respond(Exchange& exchange);
  /// What the service answers, or the fault in its place; `fault` is left where it has to act.
  boost::asio::awaitable<Upgrade> answer_to(Exchange& exchange, std::optional<Fault>& fault);
  boost::asio::awaitable<Upgrade> ask_service(const Exchange& exchange);
  boost::asio::awaitable<void> converse(const Request& request, SocketPlan plan);
  bool conclude(std::uint64_t record, Event outcome);
  /// False if the connection did not survive.
  boost::asio::awaitable<bool> play(const Script& script);
  boost::asio::awaitable<bool> pause(std::chrono::milliseconds time);
  boost::asio::awaitable<bool> write(const std::string& bytes);

  /// Ends with the exchange it was started for.
  boost::asio::awaitable<void> watch_client(std::shared_ptr<Connection> self,
                                            std::uint64_t exchange);
  [[nodiscard]] bool has_client_closed();
  void begin_watching();
  void end_watching();
  void close();
  void reset();

  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<boost::asio::ssl::context> tls_context_;
  /// Null: plain HTTP.
  std::unique_ptr<TlsStream> tls_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  Server& server_;
  std::uint64_t number_;
  std::uint64_t exchange_ = 0;
  bool is_client_gone_ = false;
  bool is_killed_ = false;
};

}  // namespace spillway::simulator
