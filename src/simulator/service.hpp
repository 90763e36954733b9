#pragma once
// Who answers the requests of one server: a backend, the identity service, or the control API.

#include "simulator/reply.hpp"
#include "simulator/request.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace spillway::simulator {

class Service {
 public:
  virtual ~Service() = default;

  /// Finishes at once, but for the control API's long poll. `request` outlives the call.
  virtual boost::asio::awaitable<Reply> answer(const Request& request) = 0;

  /// The deployment that the request is for, if it is for one: what faults may be limited to.
  [[nodiscard]] virtual std::string deployment_of(const Request&) const { return {}; }
};

}  // namespace spillway::simulator
