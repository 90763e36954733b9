#pragma once
// The HTTP request that fetches a token, for each kind of identity (wire reference §7.1, §7.2), as
// plain text and numbers: who sends it is another's business.

#include <spillway/base/result.hpp>
#include <spillway/base/secret.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/identity/environment.hpp>
#include <spillway/identity/origin.hpp>
#include <spillway/identity/token_identity.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace spillway::identity {

struct TokenRequestField {
  std::string name;
  base::Secret value;  // of some it is one
};

/// Besides Host, Content-Length and Connection. Redirects must not be followed.
struct TokenRequest {
  std::string method;
  Origin origin;
  std::string target;  // path prefix included
  std::vector<TokenRequestField> fields;
  base::Secret body;  // empty: none
};

/// An application at its authority.
struct Application {
  std::string tenant_id;
  std::string client_id;
  std::string authority_host;
  std::string scope;
};

/// The URL of the token endpoint, which is what an assertion is made out to.
std::string token_endpoint(const Application& application);

/// Errors: Fault::internal for an authority that is no URL.
base::Result<TokenRequest> make_secret_request(const Application& application,
                                               const base::Secret& secret);
/// `assertion`: a projected Kubernetes token, or what make_client_assertion made.
base::Result<TokenRequest> make_assertion_request(const Application& application,
                                                  const base::Secret& assertion);

/// Of IMDS (at AZURE_POD_IDENTITY_AUTHORITY_HOST if that is set), App Service, Machine Learning or
/// Arc, of which it is the first of two requests. Errors: Fault::internal for an endpoint that is
/// no URL, for hosts that are not supported, and for user-assigned identities on Arc.
base::Result<TokenRequest> make_managed_request(const ManagedSource& source, std::string_view scope,
                                                const Environment& environment);

/// Arc's second request: the first with the key that its challenge named.
TokenRequest with_basic_authorization(TokenRequest request, const base::Secret& key);

}  // namespace spillway::identity
