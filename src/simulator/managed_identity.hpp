#pragma once
// The endpoints that give a machine's own tokens: the instance metadata service, App Service (and
// Container Apps), and Azure Arc with its challenge. Each has a dialect of its own.

#include "simulator/arc_keys.hpp"
#include "simulator/config.hpp"
#include "simulator/issuer.hpp"
#include "simulator/reply.hpp"

#include <optional>
#include <string>

namespace spillway::simulator {

class ManagedIdentityEndpoints {
 public:
  ManagedIdentityEndpoints(const Identity& identity, Issuer& issuer)
      : identity_(identity), issuer_(issuer), arc_keys_(identity.arc_key_directory) {}

  /// `/metadata/identity/oauth2/token`: of the metadata service, or of Arc, which has api-versions
  /// of its own.
  Reply metadata(const Request& request);
  /// `/msi/token`
  Reply app_service(const Request& request);

 private:
  struct Grant {
    std::string token;
    std::string client_id;
    std::string resource;
    std::chrono::seconds issued_at;
    std::chrono::seconds expires_at;
  };

  Reply instance_metadata(const Request& request);
  Reply arc(const Request& request);
  Reply challenge();
  Grant issue(const std::string& client_id, const std::string& resource);
  [[nodiscard]] std::optional<std::string> client_id_of(const Request& request) const;

  const Identity& identity_;
  Issuer& issuer_;
  ArcKeys arc_keys_;
};

}  // namespace spillway::simulator
