#pragma once
// The simulated Entra and instance metadata service on one port: tokens by client credentials and
// by managed identity, OpenID discovery and keys, with their error answers.

#include "simulator/config.hpp"
#include "simulator/issuer.hpp"
#include "simulator/service.hpp"

#include <string>

namespace spillway::simulator {

class IdentityService : public Service {
 public:
  IdentityService(Identity identity, Issuer& issuer);

  boost::asio::awaitable<Reply> answer(const Request& request) override;

 private:
  Reply decide(const Request& request);
  Reply entra_token(const Request& request, const std::string& tenant);
  Reply metadata_token(const Request& request);
  [[nodiscard]] bool is_known_tenant(const std::string& tenant) const;
  [[nodiscard]] Reply refuse_app(const std::string& client_id, const std::string& secret) const;
  [[nodiscard]] bool is_known_app(const std::string& client_id) const;

  Identity identity_;
  Issuer& issuer_;
};

}  // namespace spillway::simulator
