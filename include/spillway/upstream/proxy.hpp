#pragma once
// Which proxy a connection goes through, by HTTPS_PROXY and NO_PROXY as other programs read them.
// Decides only; the way through it is proxy_tunnel's. Immutable after creation.

#include <spillway/base/result.hpp>
#include <spillway/base/secret.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::upstream {

struct Proxy {
  std::string host;  // lower case, without brackets
  std::uint16_t port = 80;
  base::Secret authorization;  // "Basic ..." of the user and password in its URL; empty: none

  /// `host:port`, without user and password.
  [[nodiscard]] std::string address() const;
};

class ProxyRules {
 public:
  using Variable = std::function<std::optional<std::string>(std::string_view name)>;

  /// No proxy at all.
  ProxyRules() = default;

  /// From HTTPS_PROXY and NO_PROXY, else https_proxy and no_proxy; empty counts as not set. The
  /// proxy is `http://[user[:password]@]host[:port]`, or without the scheme. Errors:
  /// Fault::internal naming the variable, and nothing of its text, which may hold a password.
  static base::Result<ProxyRules> read(const Variable& variable);

  /// The proxy for TLS connections to that host, or null. Never for loopback and link-local
  /// addresses: the metadata services are there. NO_PROXY is a list of `*`, `name` (and its
  /// subdomains), `.suffix` or `*.suffix` (subdomains only), an address, a network as
  /// `10.0.0.0/8`, each but the last with `:port` to mean that port only.
  [[nodiscard]] std::shared_ptr<const Proxy> find(std::string_view host, std::uint16_t port) const;

 private:
  struct Exception {
    std::string text;        // a name, a suffix with its dot, an address or network; "*" for all
    std::uint16_t port = 0;  // 0: any
  };
  static Exception read_exception(std::string_view text);
  [[nodiscard]] bool is_excepted(const std::string& host, std::uint16_t port) const;

  std::shared_ptr<const Proxy> proxy_;
  std::vector<Exception> exceptions_;
};

}  // namespace spillway::upstream
