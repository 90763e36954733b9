#include <spillway/identity/authenticator.hpp>
#include <spillway/identity/glob.hpp>
#include <spillway/identity/presented_credential.hpp>
#include <spillway/identity/token_verifier.hpp>

#include <algorithm>

namespace spillway::identity {
namespace {

constexpr std::size_t kMaxQuotedBytes = 128;

constexpr std::string_view kChallenge = "Bearer realm=\"spillway\"";

// RFC 6750 §3.1. The description is the same for every token that is not taken.
std::string challenge(std::string_view error) {
  std::string text(kChallenge);
  text += ", error=\"";
  text += error;
  text += '"';
  return text;
}

Denial ambiguous_credential() {
  Denial denial;
  denial.code = "spillway_ambiguous_credential";
  denial.message =
      "The request presents more than one credential. Send either 'api-key' or 'Authorization', "
      "once.";
  denial.challenge = challenge("invalid_request");
  return denial;
}

bool is_our_trouble(const TokenRefusal& refusal) {
  return refusal.reason == TokenRefusal::Reason::keys_unavailable;
}

Denial denial_of(const TokenRefusal& refusal) {
  Denial denial;
  denial.reason = name_of(refusal.reason);
  denial.reason += ": ";
  denial.reason += refusal.detail;
  if (is_our_trouble(refusal)) {
    denial.status = 503;
    denial.code = "spillway_keys_unavailable";
    denial.message =
        "The gateway could not yet fetch the keys by which tokens are checked. Try again soon.";
    return denial;
  }
  denial.code = "spillway_invalid_token";
  denial.message =
      "The presented token was not accepted. It must be an unexpired Entra access token for one of "
      "this gateway's audiences, from one of its tenants; the gateway's log says what is wrong "
      "with it.";
  denial.challenge = challenge("invalid_token");
  return denial;
}

std::string describe(const AccessToken& token) {
  std::string text = "app ";
  text += token.app_id;
  text += ", object ";
  text += token.object_id;
  text += ", tenant ";
  text += token.tenant_id;
  return text;
}

Denial unknown_client(const AccessToken& token) {
  Denial denial;
  denial.status = 403;
  denial.code = "spillway_client_unknown";
  denial.message =
      "The token is valid, but no client of this gateway is the one that presents it; see "
      "clients[].entra of the gateway's configuration.";
  denial.challenge = challenge("insufficient_scope");
  denial.reason = "no client matches " + describe(token);
  return denial;
}

}  // namespace

Authenticator::Authenticator(const config::Configuration& configuration,
                             std::shared_ptr<const TokenVerifier> verifier)
    : configuration_(&configuration),
      verifier_(std::move(verifier)),
      entra_clients_(configuration.clients) {
  for (const config::Client& client : configuration.clients) {
    for (const config::ClientKey& key : client.keys)
      keys_.add(key.sha256, client);
  }
}

Authenticator::~Authenticator() = default;

std::variant<Caller, Denial> Authenticator::authenticate(
    base::FieldView headers, std::span<const base::Secret> elsewhere) const {
  using Kind = PresentedCredential::Kind;
  const bool is_open = configuration_->anonymous.has_value();
  if (is_open && keys_.empty() && verifier_ == nullptr) return anonymous();

  const PresentedCredential presented = read_presented_credential(headers, elsewhere);
  if (presented.kind == Kind::ambiguous) return ambiguous_credential();
  if (presented.kind == Kind::none) {
    if (is_open) return anonymous();
    return missing_credential();
  }
  const TextDigest digest = digest_of(presented.text);
  const config::Client* client = keys_.find(digest);
  if (client != nullptr) return Caller{client, client->name, client->pool};
  if (!presented.may_be_token || verifier_ == nullptr) return invalid_credential();
  return authenticate_token(presented.text, digest);
}

std::variant<Caller, Denial> Authenticator::authenticate_token(std::string_view token,
                                                               const TextDigest& digest) const {
  const auto verdict = verifier_->verify(token, digest);
  if (const auto* refusal = std::get_if<TokenRefusal>(&verdict)) return denial_of(*refusal);
  const auto& verified = std::get<std::shared_ptr<const AccessToken>>(verdict);
  const config::Client* client = entra_clients_.find(*verified);
  if (client == nullptr) return unknown_client(*verified);
  return Caller{client, client->name, client->pool, verified};
}

Denial Authenticator::missing_credential() const {
  Denial denial;
  denial.code = "spillway_missing_credential";
  denial.message =
      verifier_ == nullptr
          ? "This gateway needs a key: send it as 'api-key: KEY' or as 'Authorization: Bearer KEY'."
      : keys_.empty()
          ? "This gateway needs an Entra access token: send it as 'Authorization: Bearer TOKEN'."
          : "This gateway needs a key, as 'api-key: KEY' or 'Authorization: Bearer KEY', or an "
            "Entra access token, as 'Authorization: Bearer TOKEN'.";
  denial.challenge = kChallenge;
  return denial;
}

Denial Authenticator::invalid_credential() const {
  Denial denial;
  denial.code = "spillway_invalid_credential";
  denial.message =
      verifier_ == nullptr
          ? "The presented key is not one of this gateway's. It expects its own keys "
            "(clients[].keys of its configuration), not those of a backend."
          : "The presented key is not one of this gateway's (clients[].keys of its configuration). "
            "An Entra token is taken from 'Authorization: Bearer' only.";
  denial.challenge = kChallenge;
  return denial;
}

Caller Authenticator::anonymous() const {
  return {nullptr, "anonymous", configuration_->anonymous->pool};
}

std::optional<Denial> Authenticator::check_deployment(const Caller& caller,
                                                      std::string_view deployment) {
  if (caller.client == nullptr || deployment.empty()) return std::nullopt;
  const auto& allowed = caller.client->deployments;
  const bool is_allowed =
      allowed.empty() || std::any_of(allowed.begin(), allowed.end(), [&](const auto& pattern) {
        return matches_glob(pattern, deployment);
      });
  if (is_allowed) return std::nullopt;
  Denial denial;
  denial.status = 403;
  denial.code = "spillway_deployment_not_allowed";
  denial.message = "Client " + caller.client->name + " may not use deployment '" +
                   std::string(deployment.substr(0, kMaxQuotedBytes)) +
                   "'; see clients[].deployments of the gateway's configuration.";
  return denial;
}

std::optional<Denial> Authenticator::check_certificate(const Caller& caller,
                                                       std::span<const std::string> names) {
  if (caller.client == nullptr || caller.client->certificate_names.empty()) return std::nullopt;
  const auto& allowed = caller.client->certificate_names;
  const bool is_allowed = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::any_of(allowed.begin(), allowed.end(),
                       [&](const auto& pattern) { return matches_glob(pattern, name); });
  });
  if (is_allowed) return std::nullopt;
  Denial denial;
  denial.status = 403;
  denial.code = "spillway_certificate_not_allowed";
  denial.message = "Client " + caller.client->name +
                   " may call only with a client certificate of its own; see "
                   "clients[].certificate_names of the gateway's configuration.";
  denial.reason = names.empty() ? "the connection showed no client certificate"
                                : "the client certificate is for " + names.front();
  return denial;
}

}  // namespace spillway::identity
