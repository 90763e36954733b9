#pragma once
// Environments and credentials by hand.

#include <spillway/config/configuration.hpp>
#include <spillway/identity/environment.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace spillway::identity {

using Variables = std::map<std::string, std::string, std::less<>>;

inline Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

inline config::Credential credential_of(config::CredentialKind kind) {
  config::Credential credential;
  credential.name = "c";
  credential.kind = std::move(kind);
  return credential;
}

}  // namespace spillway::identity
