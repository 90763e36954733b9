#pragma once
// The simulated Entra and the managed identity endpoints on one port: which of them answers which
// path.

#include "simulator/config.hpp"
#include "simulator/issuer.hpp"
#include "simulator/managed_identity.hpp"
#include "simulator/service.hpp"
#include "simulator/token_endpoint.hpp"

#include <string>

namespace spillway::simulator {

class IdentityService : public Service {
 public:
  /// Throws std::runtime_error for a certificate file that cannot be used.
  IdentityService(Identity identity, Issuer& issuer);

  boost::asio::awaitable<Reply> answer(const Request& request) override;

 private:
  Reply decide(const Request& request);
  Reply authority(const Request& request, const std::string& tenant, std::string_view rest);
  Reply publish(const std::string& tenant, std::string_view rest);

  Identity identity_;
  Issuer& issuer_;
  TokenEndpoint tokens_;
  ManagedIdentityEndpoints managed_;
};

}  // namespace spillway::simulator
