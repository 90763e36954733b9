#pragma once
// All servers and services of one simulator, and what can be done to them. Used only on the
// simulator's thread, but for the journal and what is fixed after open(). Simulator wraps it for
// tests, ControlService for HTTP.

#include "simulator/backend_service.hpp"
#include "simulator/config.hpp"
#include "simulator/issuer.hpp"
#include "simulator/journal.hpp"
#include "simulator/server.hpp"

#include <boost/asio/io_context.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace spillway::simulator {

class Site {
 public:
  Site(boost::asio::io_context& loop, const Config& config);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  /// Binds every port. Throws std::runtime_error.
  void open();
  void stop();
  [[nodiscard]] bool is_stopping() const { return is_stopping_; }

  /// Throws std::out_of_range for a name that no endpoint, the identity service or `control` has.
  Server& server(const std::string& name);
  [[nodiscard]] const std::vector<std::unique_ptr<Server>>& servers() const { return servers_; }

  /// No faults, empty limits, empty journal, everything listening. Issued tokens stay valid.
  void reset();
  [[nodiscard]] std::vector<BackendService::Level> levels(const std::string& endpoint);

  Issuer& issuer() { return issuer_; }
  Journal& journal() { return journal_; }

 private:
  void add(Server::Place place, std::unique_ptr<Service> service);

  boost::asio::io_context& loop_;
  Journal journal_;
  Issuer issuer_;
  std::string identity_name_;
  std::vector<std::unique_ptr<Service>> services_;
  std::map<std::string, BackendService*> backends_;
  std::vector<std::unique_ptr<Server>> servers_;
  bool is_stopping_ = false;
};

}  // namespace spillway::simulator
