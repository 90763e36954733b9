#include <spillway/identity/client_assertion.hpp>
#include <spillway/identity/small_file.hpp>
#include <spillway/identity/token_preparation.hpp>

#include <string>
#include <utility>

namespace spillway::identity {
namespace {

Prepared prepared(base::Result<TokenRequest> request) {
  if (!request) return lasting_failure(request.error().detail());
  return std::move(*request);
}

class Preparation {
 public:
  Preparation(const config::Credential& credential, const Environment& environment,
              base::WallTime now)
      : credential_(credential), environment_(environment), now_(now) {}

  Prepared operator()(const ManagedSource& source) const {
    return prepared(make_managed_request(source, credential_.scope, environment_));
  }

  Prepared operator()(const config::ClientSecret& identity) const {
    const Application who = application(identity.tenant_id, identity.client_id);
    return prepared(make_secret_request(who, identity.secret));
  }

  Prepared operator()(const config::WorkloadIdentity& identity) const {
    if (const std::string missing = missing_of(identity); !missing.empty()) {
      return lasting_failure("workload identity needs " + missing +
                             ", which neither the configuration nor the environment names");
    }
    const auto content =
        read_small_file(identity.token_file, kMaxAssertionFileBytes, Links::followed);
    if (!content) return passing_failure(content.error());
    const base::Secret assertion = trimmed_visible(*content);
    if (assertion.empty()) {
      return passing_failure({base::Fault::internal, base::Side::gateway,
                              "'" + identity.token_file + "' holds no token"});
    }
    const Application who = application(identity.tenant_id, identity.client_id);
    return prepared(make_assertion_request(who, assertion));
  }

  Prepared operator()(const config::ClientCertificate& identity) const {
    const std::string& file = identity.certificate_file;
    const auto pem = read_small_file(file, kMaxCertificateFileBytes, Links::followed);
    if (!pem) return lasting_failure(pem.error().detail());
    const Application who = application(identity.tenant_id, identity.client_id);
    AssertionClaims claims;
    claims.audience = token_endpoint(who);
    claims.client_id = identity.client_id;
    claims.id = make_uuid();
    claims.now = now_;
    const auto chain =
        identity.send_certificate_chain ? CertificateChain::sent : CertificateChain::left_out;
    const auto assertion = make_client_assertion(pem->reveal(), chain, claims);
    if (!assertion) {
      return lasting_failure("cannot use '" + file + "': " + assertion.error().detail());
    }
    return prepared(make_assertion_request(who, *assertion));
  }

 private:
  [[nodiscard]] Application application(const std::string& tenant,
                                        const std::string& client) const {
    return {tenant, client, credential_.authority_host, credential_.scope};
  }

  static std::string missing_of(const config::WorkloadIdentity& identity) {
    if (identity.tenant_id.empty()) return "tenant_id (AZURE_TENANT_ID)";
    if (identity.client_id.empty()) return "client_id (AZURE_CLIENT_ID)";
    if (identity.token_file.empty()) return "token_file (AZURE_FEDERATED_TOKEN_FILE)";
    return {};
  }

  const config::Credential& credential_;
  const Environment& environment_;
  base::WallTime now_;
};

}  // namespace

Prepared prepare_token_request(const TokenIdentity& identity, const config::Credential& credential,
                               const Environment& environment, base::WallTime now) {
  return std::visit(Preparation(credential, environment, now), identity);
}

}  // namespace spillway::identity
