#include "simulator/identity_service.hpp"

#include "simulator/discovery.hpp"
#include "simulator/entra_errors.hpp"
#include "simulator/registered_certificate.hpp"
#include "simulator/script.hpp"

namespace spillway::simulator {
namespace {

/// `/{tenant}` in front of one of the paths of an authority; nothing if the path is none of them.
struct AuthorityPath {
  std::string tenant;
  std::string_view rest;
};

AuthorityPath split_tenant(std::string_view path) {
  const auto slash = path.find('/', 1);
  if (path.empty() || slash == std::string_view::npos) return {"", path};
  return {std::string(path.substr(1, slash - 1)), path.substr(slash)};
}

Reply document(std::string text) {
  auto reply = json_reply(200, std::move(text));
  reply.headers.push_back({"Cache-Control", "max-age=86400, private"});
  return reply;
}

}  // namespace

IdentityService::IdentityService(Identity identity, Issuer& issuer)
    : identity_(std::move(identity)),
      issuer_(issuer),
      tokens_(identity_, issuer),
      managed_(identity_, issuer) {
  issuer_.set_clock_skew(identity_.clock_skew);
  for (const auto& app : identity_.apps) {
    if (!app.certificate_file.empty()) RegisteredCertificate::read(app.certificate_file);
  }
}

boost::asio::awaitable<Reply> IdentityService::answer(const Request& request) {
  Reply reply = decide(request);
  // Its clock, so that a client may see how far the two are apart.
  reply.headers.push_back({"Date", http_date(issuer_.now())});
  co_return reply;
}

Reply IdentityService::decide(const Request& request) {
  auto path = request.path();
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path == "/metadata/identity/oauth2/token") return managed_.metadata(request);
  if (path == "/msi/token") return managed_.app_service(request);
  const auto [tenant, rest] = split_tenant(path);
  return authority(request, tenant, rest);
}

Reply IdentityService::authority(const Request& request, const std::string& tenant,
                                 std::string_view rest) {
  if (rest == "/oauth2/v2.0/token") return tokens_.answer(request, tenant, TokenVersion::v2);
  if (rest == "/oauth2/token") return tokens_.answer(request, tenant, TokenVersion::v1);
  const bool is_read = request.method == "GET" || request.method == "HEAD";
  return is_read ? publish(tenant, rest) : error_reply("resource_not_found");
}

Reply IdentityService::publish(const std::string& tenant, std::string_view rest) {
  const bool is_known = is_any_tenant(tenant) || tokens_.is_known_tenant(tenant);
  if (rest == "/v2.0/.well-known/openid-configuration" ||
      rest == "/.well-known/openid-configuration") {
    if (!is_known) {
      return error_reply(
          entra_error(400, "invalid_tenant", 90002, "Tenant '" + tenant + "' not found."));
    }
    const auto version = rest.starts_with("/v2.0") ? TokenVersion::v2 : TokenVersion::v1;
    return document(openid_configuration(issuer_.authority(), tenant, version));
  }
  if (rest == "/discovery/v2.0/keys") return document(issuer_.key_set(tenant, TokenVersion::v2));
  if (rest == "/discovery/keys") return document(issuer_.key_set(tenant, TokenVersion::v1));
  return error_reply("resource_not_found");
}

}  // namespace spillway::simulator
