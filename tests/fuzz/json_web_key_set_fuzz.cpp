// Any bytes as a key set and as a discovery document: nothing crashes, bounds hold, no key is kept
// that cannot be found again, and no document sends anybody to another server.

#include <spillway/identity/entra_discovery.hpp>
#include <spillway/identity/json_web_key_set.hpp>
#include <spillway/identity/signature.hpp>
#include <spillway/identity/tenant_text.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace spillway;
using namespace spillway::identity;

constexpr std::string_view kTenant = "33333333-3333-4333-8333-333333333333";
constexpr std::string_view kIssuer =
    "https://login.microsoftonline.com/33333333-3333-4333-8333-333333333333/v2.0";

void check(bool holds) {
  if (!holds) std::abort();
}

void check_keys(std::string_view text) {
  const auto set = JsonWebKeySet::parse(text, {kIssuer, kTenant});
  if (!set) return;
  check(set->size() + set->left_out() <= JsonWebKeySet::kMaxKeys);
  for (const std::string_view key_id : {"A", "K", "yZNAv0HyXiz3ldDMLndxQi32AGY"}) {
    const JsonWebKey* key = set->find(key_id);
    if (key == nullptr) continue;
    check(key->key_id == key_id && key->public_key != nullptr);
    Jwt jwt;
    jwt.algorithm =
        key->type == JsonWebKey::Type::rsa ? SignatureAlgorithm::rs256 : SignatureAlgorithm::es256;
    jwt.signed_part = "a.b";
    jwt.signature = std::string(64, '\x01');
    check(check_signature(*key, jwt).has_value());
  }
}

void check_discovery(std::string_view text, TokenVersion version) {
  const DiscoverySubject subject{
      {true, "login.microsoftonline.com", 443, ""}, std::string(kTenant), version};
  const auto discovery = parse_discovery(text, subject);
  if (!discovery) return;
  check(discovery->tenant_id == kTenant);
  check(discovery->issuer.find(kTenant) != std::string::npos ||
        discovery->issuer.size() > kTenant.size());
  const std::string& target = discovery->keys_target;
  check(target.starts_with('/'));
  check(std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7F; }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_keys(text);
  check_discovery(text, TokenVersion::v1);
  check_discovery(text, TokenVersion::v2);
  return 0;
}
