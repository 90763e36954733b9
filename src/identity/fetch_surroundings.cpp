#include <spillway/identity/fetch_surroundings.hpp>

#include <utility>

namespace spillway::identity {

base::Result<std::shared_ptr<const upstream::Target>> make_authority_target(
    std::string name, const Origin& origin, std::shared_ptr<const upstream::Proxy> proxy,
    net::Resolver& resolver) {
  auto target = std::make_shared<upstream::Target>();
  target->name = std::move(name);
  target->host = origin.host;
  target->port = origin.port;
  target->authority = upstream::authority_of(origin.host, origin.port, origin.is_tls ? 443 : 80);
  target->server_name = origin.host;
  target->proxy = std::move(proxy);
  if (origin.is_tls) {
    auto tls = net::TlsContext::for_client({});
    if (!tls) return tls.error();
    target->tls = std::move(tls.value());
  }
  resolver.watch(upstream::name_to_resolve(*target));
  return std::shared_ptr<const upstream::Target>(std::move(target));
}

}  // namespace spillway::identity
