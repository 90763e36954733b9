#pragma once
// Entra's token endpoints for client credentials: version 2 (`scope=`, numbers) and version 1
// (`resource=`, everything text), with a secret or an assertion.

#include "simulator/config.hpp"
#include "simulator/errors.hpp"
#include "simulator/issuer.hpp"
#include "simulator/reply.hpp"

#include <optional>
#include <string>
#include <vector>

namespace spillway::simulator {

class TokenEndpoint {
 public:
  TokenEndpoint(const Identity& identity, Issuer& issuer) : identity_(identity), issuer_(issuer) {}

  Reply answer(const Request& request, const std::string& tenant, TokenVersion version);
  [[nodiscard]] bool is_known_tenant(const std::string& tenant) const;

 private:
  struct Caller {
    std::string tenant;
    std::string client_id;
  };

  [[nodiscard]] std::optional<ErrorText> refuse(const Request& request, const Caller& caller) const;
  [[nodiscard]] std::optional<ErrorText> refuse_credential(const Request& request,
                                                           const App& app) const;
  [[nodiscard]] std::optional<App> find_app(const std::string& client_id) const;
  [[nodiscard]] std::vector<std::string> audiences(const Request& request,
                                                   const std::string& tenant) const;
  Reply grant(const Caller& caller, const std::string& resource, TokenVersion version);

  const Identity& identity_;
  Issuer& issuer_;
};

}  // namespace spillway::simulator
