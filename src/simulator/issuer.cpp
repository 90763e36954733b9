#include "simulator/issuer.hpp"

#include "simulator/discovery.hpp"
#include "simulator/minting.hpp"

#include <algorithm>

namespace spillway::simulator {

void Issuer::rotate_key() {
  keys_.use_next();
}

std::string Issuer::issue(const TokenRequest& request, WallTime now) {
  // Entra dates `nbf` back, so that a clock a little behind takes the token.
  constexpr auto kBack = std::chrono::seconds(-300);
  MintRequest wanted;
  wanted.version = request.version;
  wanted.tenant = request.tenant;
  wanted.audience = request.audience;
  wanted.client_id = request.client_id;
  wanted.object_id = request.object_id;
  wanted.roles = request.roles;
  wanted.groups = request.groups;
  wanted.scopes = request.scopes;
  wanted.lifetime = request.lifetime;
  wanted.not_before_offset = kBack;
  auto token = mint(wanted, now);
  std::erase_if(issued_, [now](const auto& entry) { return entry.second.expires_at <= now; });
  issued_[token] = {request.audience, now + request.lifetime};
  return token;
}

std::string Issuer::mint(const MintRequest& request, WallTime now) {
  const MintPlace place{authority_, now, "sim-" + std::to_string(++issued_count_)};
  return simulator::mint(request, keys_, place);
}

bool Issuer::accepts(std::string_view token, const std::vector<std::string>& audiences,
                     WallTime now) const {
  const auto found = issued_.find(token);
  if (found == issued_.end() || found->second.expires_at <= now) return false;
  auto audience = found->second.audience;
  if (audience.ends_with("/")) audience.pop_back();
  return std::find(audiences.begin(), audiences.end(), audience) != audiences.end();
}

std::string Issuer::key_set(std::string_view tenant, TokenVersion version) {
  if (version == TokenVersion::v1) return keys_.to_json("");
  return keys_.to_json(issuer_of(authority_, issuer_tenant(tenant), version));
}

}  // namespace spillway::simulator
