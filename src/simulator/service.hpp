#pragma once
// Who answers the requests of one server: a backend, the identity service, or the control API.

#include "simulator/dialogue.hpp"
#include "simulator/errors.hpp"
#include "simulator/reply.hpp"
#include "simulator/request.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace spillway::simulator {

/// What a request for a WebSocket gets.
struct Upgrade {
  /// With a dialogue, whose headers go onto the 101; else the refusal.
  Reply reply;
  std::unique_ptr<Dialogue> dialogue;
};

class Service {
 public:
  virtual ~Service() = default;

  /// Finishes at once, but for the control API's long poll. `request` outlives the call.
  virtual boost::asio::awaitable<Reply> answer(const Request& request) = 0;

  /// Of a request to upgrade to WebSocket. The dialogue must not outlive the service.
  virtual Upgrade upgrade(const Request&) { return {error_reply("resource_not_found"), nullptr}; }

  /// The deployment that the request is for, if it is for one: what faults may be limited to.
  [[nodiscard]] virtual std::string deployment_of(const Request&) const { return {}; }
};

}  // namespace spillway::simulator
