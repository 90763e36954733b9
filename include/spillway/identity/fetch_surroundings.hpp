#pragma once
// What those who fetch from Entra share: a way out, a clock, and what the environment says.

#include <spillway/base/clock.hpp>
#include <spillway/base/result.hpp>
#include <spillway/identity/arc_challenge.hpp>
#include <spillway/identity/environment.hpp>
#include <spillway/identity/origin.hpp>
#include <spillway/net/resolver.hpp>
#include <spillway/upstream/exchange.hpp>
#include <spillway/upstream/proxy.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace spillway::identity {

/// What it refers to outlives those who use it.
struct FetchSurroundings {
  upstream::Transport& transport;
  net::Resolver& resolver;
  Environment environment;
  const base::Clock& clock = base::system_clock();
  upstream::ProxyRules proxies = {};  // for https authorities
  std::filesystem::path arc_directory{kArcTokenDirectory};
};

/// Where to connect for an authority, its name handed to `resolver`. `proxy` null: straight there.
/// Certificates are checked against the system's CA store. Errors: Fault::tls_failed.
base::Result<std::shared_ptr<const upstream::Target>> make_authority_target(
    std::string name, const Origin& origin, std::shared_ptr<const upstream::Proxy> proxy,
    net::Resolver& resolver);

}  // namespace spillway::identity
