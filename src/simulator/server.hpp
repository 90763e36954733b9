#pragma once
// One listening port: accepts connections, keeps the faults that are switched on, and lets a
// Service answer. Everything runs on the simulator's one thread.

#include "simulator/chaos.hpp"
#include "simulator/fault.hpp"
#include "simulator/journal.hpp"
#include "simulator/reply.hpp"
#include "simulator/service.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace boost::asio::ssl {
class context;
}

namespace spillway::simulator {

class Connection;

class Server {
 public:
  struct Place {
    std::string name;
    std::string address;
    std::uint16_t port = 0;
    /// Absent: plain HTTP.
    std::shared_ptr<boost::asio::ssl::context> tls;
  };

  Server(boost::asio::io_context& loop, Place place, Service& service, Journal& journal);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds and listens. Throws std::runtime_error naming address and port if that fails.
  void open();
  /// Stops listening and closes every connection, for good.
  void stop();

  [[nodiscard]] const std::string& name() const { return place_.name; }
  [[nodiscard]] std::uint16_t port() const { return place_.port; }
  [[nodiscard]] std::string url() const;
  [[nodiscard]] bool is_listening() const { return is_listening_; }
  [[nodiscard]] std::size_t connection_count() const { return connections_.size(); }

  /// Adds a fault; the earliest that fits a request acts on it.
  void add_fault(Fault fault);
  /// Removes all, and listens again on the same port if one of them had stopped that.
  void clear_faults();
  /// With the `times` that are left.
  [[nodiscard]] std::vector<Fault> faults() const;

  /// From now on a fault is drawn for each request that no other fault is for, and no two answers
  /// are alike. Throws std::invalid_argument on a bad kind.
  void set_chaos(const Chaos& chaos) { chaos_.emplace(chaos); }
  void clear_chaos() { chaos_.reset(); }
  [[nodiscard]] bool has_chaos() const { return chaos_.has_value(); }
  std::optional<Fault> draw_fault() { return chaos_ ? chaos_->draw() : std::nullopt; }

  /// `eastus-17`: one for each answer since the start.
  std::string next_answer() { return place_.name + "-" + std::to_string(++answers_); }

  Service& service() { return service_; }
  Journal& journal() { return journal_; }

  /// The fault for this request, from its header `x-sim-fault` or from those switched on. Throws
  /// std::invalid_argument on a bad header.
  [[nodiscard]] std::optional<Fault> fault_for(const Request& request) const;
  /// Takes one of the `times` of the fault that fault_for gave.
  void use_up(const Request& request);

 private:
  struct ActiveFault {
    Fault fault;
    std::uint32_t used = 0;
  };

  void bind();
  void listen();
  void refuse();
  void kill_connections();
  void admit(boost::asio::ip::tcp::socket socket);
  boost::asio::awaitable<void> accept_connections();
  [[nodiscard]] std::optional<std::size_t> matching(const Request& request) const;

  boost::asio::io_context& loop_;
  Place place_;
  Service& service_;
  Journal& journal_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::vector<ActiveFault> faults_;
  std::set<std::shared_ptr<Connection>> connections_;
  std::optional<ChaosSource> chaos_;
  std::uint64_t answers_ = 0;
  bool is_listening_ = false;
};

}  // namespace spillway::simulator
