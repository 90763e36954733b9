#include <spillway/identity/authenticator.hpp>
#include <spillway/identity/glob.hpp>
#include <spillway/identity/presented_credential.hpp>

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace spillway::identity {
namespace {

constexpr std::size_t kMaxQuotedBytes = 128;

Denial missing_credential() {
  return {401, "spillway_missing_credential",
          "This gateway needs a key: send it as 'api-key: KEY' or as 'Authorization: Bearer KEY'."};
}

Denial invalid_credential() {
  return {401, "spillway_invalid_credential",
          "The presented key is not one of this gateway's. It expects its own keys "
          "(clients[].keys of its configuration), not those of a backend."};
}

Denial ambiguous_credential() {
  return {
      401, "spillway_ambiguous_credential",
      "The request presents more than one credential. Send either 'api-key' or 'Authorization', "
      "once."};
}

}  // namespace

Authenticator::Authenticator(const config::Configuration& configuration)
    : configuration_(&configuration) {
  for (const config::Client& client : configuration.clients) {
    for (const config::ClientKey& key : client.keys)
      keys_.push_back({key.sha256, &client});
  }
}

std::variant<Caller, Denial> Authenticator::authenticate(
    base::FieldView headers, std::span<const base::Secret> elsewhere) const {
  using Kind = PresentedCredential::Kind;
  const bool is_open = configuration_->anonymous.has_value();
  if (is_open && keys_.empty()) return anonymous();

  const PresentedCredential presented = read_presented_credential(headers, elsewhere);
  if (presented.kind == Kind::ambiguous) return ambiguous_credential();
  if (presented.kind == Kind::none) {
    if (is_open) return anonymous();
    return missing_credential();
  }
  const config::Client* client = find_client(presented.text);
  if (client == nullptr) return invalid_credential();
  return Caller{client, client->name, client->pool};
}

// Digests of equal length, every entry looked at: how long it takes tells neither how much of a key
// was right nor whose it nearly was.
const config::Client* Authenticator::find_client(std::string_view key) const {
  std::array<char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  const std::string_view presented(digest.data(), digest.size());
  const config::Client* found = nullptr;
  for (const Key& entry : keys_) {
    const bool is_equal = base::equal_in_constant_time(entry.sha256, presented);
    found = is_equal ? entry.client : found;
  }
  return found;
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
  return Denial{403, "spillway_deployment_not_allowed",
                "Client " + caller.client->name + " may not use deployment '" +
                    std::string(deployment.substr(0, kMaxQuotedBytes)) +
                    "'; see clients[].deployments of the gateway's configuration."};
}

}  // namespace spillway::identity
