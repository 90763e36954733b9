#include <spillway/base/text.hpp>
#include <spillway/identity/entra_keys.hpp>
#include <spillway/identity/tenant_text.hpp>

#include <algorithm>
#include <utility>

namespace spillway::identity {
namespace {

using Tenant = TokenIssuers::Tenant;

bool is_complete(const Tenant& tenant) {
  return std::all_of(tenant.issuers.begin(), tenant.issuers.end(),
                     [](const auto& issuer) { return issuer != nullptr; });
}

// The tenant's id, by its configuration or by what one of its documents said; empty: not known.
std::string_view known_id(const Tenant& tenant) {
  if (is_guid(tenant.name)) return tenant.name;
  for (const auto& issuer : tenant.issuers) {
    if (issuer) return issuer->tenant_id;
  }
  return {};
}

bool are_same(const std::shared_ptr<const TokenIssuer>& a,
              const std::shared_ptr<const TokenIssuer>& b) {
  if (!a || !b) return a == b;
  return a->digest == b->digest && a->issuer == b->issuer;
}

}  // namespace

std::optional<TokenIssuers::Found> TokenIssuers::find(std::string_view issuer) const {
  for (std::size_t i = 0; i < tenants_.size(); ++i) {
    for (const auto& known : tenants_[i].issuers) {
      if (known && known->issuer == issuer) return Found{known.get(), i};
    }
  }
  return std::nullopt;
}

bool TokenIssuers::is_waiting_for(std::string_view tenant_id) const {
  return std::any_of(tenants_.begin(), tenants_.end(), [&](const Tenant& tenant) {
    if (is_complete(tenant)) return false;
    const std::string_view id = known_id(tenant);
    return id.empty() || id == tenant_id;
  });
}

std::string_view name_of(EntraKeysStatus::State state) {
  using State = EntraKeysStatus::State;
  switch (state) {
    case State::ok:
      return "ok";
    case State::refreshing:
      return "refreshing";
    case State::failing:
      return "failing";
  }
  return "failing";
}

EntraKeys::EntraKeys(const config::Entra& entra) : authority_host_(entra.authority_host) {
  std::vector<Tenant> tenants;
  for (const std::string& name : entra.tenants) {
    tenant_names_.push_back(base::to_lower(name));
    tenants.push_back({tenant_names_.back(), {}});
    slots_.push_back(std::make_unique<Slot>());
    set_status(tenants.size() - 1, {});
  }
  published_.set(std::make_shared<const TokenIssuers>(std::move(tenants), 0));
}

void EntraKeys::take_over(const EntraKeys& before) {
  if (before.authority_host_ != authority_host_) return;
  const auto known = before.issuers();
  for (const Tenant& tenant : known->tenants()) {
    const auto place = std::find(tenant_names_.begin(), tenant_names_.end(), tenant.name);
    if (place == tenant_names_.end()) continue;
    const auto index = static_cast<std::size_t>(place - tenant_names_.begin());
    publish(index, TokenVersion::v1, tenant.issuers[0]);
    publish(index, TokenVersion::v2, tenant.issuers[1]);
  }
}

void EntraKeys::report_unknown_key(std::size_t tenant) {
  slots_[tenant]->is_key_unknown.store(true, std::memory_order_relaxed);
}

bool EntraKeys::take_unknown_key(std::size_t tenant) {
  return slots_[tenant]->is_key_unknown.exchange(false, std::memory_order_relaxed);
}

void EntraKeys::publish(std::size_t tenant, TokenVersion version,
                        std::shared_ptr<const TokenIssuer> issuer) {
  const auto before = published_.get();
  std::vector<Tenant> tenants = before->tenants();
  auto& place = tenants[tenant].issuers[static_cast<std::size_t>(version)];
  // The same again is published too, for its time of fetching, but ends no cached token.
  const std::uint64_t generation = before->generation() + (are_same(place, issuer) ? 0 : 1);
  place = std::move(issuer);
  published_.set(std::make_shared<const TokenIssuers>(std::move(tenants), generation));
  generation_.store(generation, std::memory_order_release);
}

void EntraKeys::set_status(std::size_t tenant, EntraKeysStatus status) {
  status.tenant = tenant_names_[tenant];
  slots_[tenant]->status.set(std::make_shared<const EntraKeysStatus>(std::move(status)));
}

std::vector<EntraKeysStatus> EntraKeys::status() const {
  std::vector<EntraKeysStatus> all;
  for (const auto& slot : slots_)
    all.push_back(*slot->status.get());
  return all;
}

}  // namespace spillway::identity
