#pragma once
// The control API: faults on and off, what was seen, and a long poll for events. docs/simulator.md
// describes its paths. Meant for loopback: it shows credentials and asks for none.

#include "simulator/service.hpp"

#include <boost/asio/io_context.hpp>

#include <string>

namespace spillway::simulator {

class Server;
class Site;

class ControlService : public Service {
 public:
  ControlService(Site& site, boost::asio::io_context& loop) : site_(site), loop_(loop) {}

  boost::asio::awaitable<Reply> answer(const Request& request) override;

 private:
  Reply decide(const Request& request);
  Reply act_on_endpoint(const Request& request, std::string_view tail);
  static Reply set_chaos(const Request& request, Server& server);
  Reply act_on_identity(const Request& request, std::string_view action);
  Reply state();
  Reply requests(const Request& request);
  boost::asio::awaitable<Reply> wait(const Request& request);

  Site& site_;
  boost::asio::io_context& loop_;
};

}  // namespace spillway::simulator
