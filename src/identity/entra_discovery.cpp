#include "refuse.hpp"
#include "strict_json.hpp"
#include <spillway/base/text.hpp>
#include <spillway/identity/entra_discovery.hpp>
#include <spillway/identity/tenant_text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace spillway::identity {
namespace {

using base::Error;

constexpr std::size_t kMaxUrlBytes = 2048;

Error malformed(const std::string& what) {
  return {base::Fault::upstream_malformed, base::Side::upstream, "the discovery document " + what};
}

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_acceptable_url(std::string_view url) {
  return url.size() <= kMaxUrlBytes && is_visible_ascii(url);
}

// The GUID that stands before the version's ending; empty: there is none.
std::string tenant_in(std::string_view issuer, TokenVersion version) {
  const std::string_view ending = version == TokenVersion::v1 ? "/" : "/v2.0";
  if (!issuer.ends_with(ending)) return {};
  issuer.remove_suffix(ending.size());
  const auto slash = issuer.rfind('/');
  if (slash == std::string_view::npos) return {};
  const std::string_view id = issuer.substr(slash + 1);
  return is_guid(id) ? base::to_lower(id) : std::string();
}

bool is_safe_origin(const Origin& origin) {
  return origin.is_tls || is_loopback(origin.host);
}

bool is_same_server(const Origin& a, const Origin& b) {
  return a.is_tls == b.is_tls && a.port == b.port && base::equals_ignoring_case(a.host, b.host);
}

base::Result<std::string> read_keys_target(std::string_view url, const Origin& authority) {
  const auto query = std::min(url.find('?'), url.size());
  const auto origin = parse_origin(url.substr(0, query));
  if (!is_acceptable_url(url) || !origin || !is_safe_origin(*origin)) {
    return malformed("has the jwks_uri " + quote(url) + ", which is no https URL");
  }
  if (!is_same_server(*origin, authority)) {
    return malformed("has the jwks_uri " + quote(url) + ", which is not on the authority");
  }
  if (origin->path_prefix.empty()) {
    return malformed("has the jwks_uri " + quote(url) + ", which has no path");
  }
  return origin->path_prefix + std::string(url.substr(query));
}

}  // namespace

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" ||
         (host.starts_with("127.") &&
          host.find_first_not_of("0123456789.") == std::string_view::npos);
}

std::string discovery_target(const DiscoverySubject& subject) {
  std::string target = subject.authority.path_prefix + "/" + base::percent_encode(subject.tenant);
  if (subject.version == TokenVersion::v2) target += "/v2.0";
  return target + "/.well-known/openid-configuration";
}

base::Result<Discovery> parse_discovery(std::string_view json, const DiscoverySubject& subject) {
  const auto document =
      json.size() <= kMaxDiscoveryBytes ? parse_strict_object(json) : std::nullopt;
  if (!document) return malformed("is no JSON object, or has a key twice");
  const auto issuer = text_member(*document, "issuer");
  const auto jwks_uri = text_member(*document, "jwks_uri");
  if (!issuer || !jwks_uri) return malformed("has no issuer or no jwks_uri");

  Discovery discovery;
  const bool is_id_known = is_guid(subject.tenant);
  discovery.issuer = is_id_known ? substitute_tenant(*issuer, subject.tenant) : *issuer;
  const auto origin = parse_origin(discovery.issuer);
  discovery.tenant_id = tenant_in(discovery.issuer, subject.version);
  if (!is_acceptable_url(discovery.issuer) || !origin || !is_safe_origin(*origin) ||
      discovery.tenant_id.empty()) {
    return malformed("has the issuer " + quote(*issuer) + ", which is not what Entra writes");
  }
  if (is_id_known && discovery.tenant_id != subject.tenant) {
    return malformed("has the issuer " + quote(*issuer) + ", which is of another tenant");
  }
  auto target = read_keys_target(*jwks_uri, subject.authority);
  if (!target) return target.error();
  discovery.keys_target = std::move(*target);
  return discovery;
}

}  // namespace spillway::identity
