#pragma once
// Where a backend is and how to reach it. Two requests may share a connection only if they have the
// same Target. Immutable but for counts; shared by all workers.

#include <spillway/net/tls_context.hpp>
#include <spillway/upstream/proxy.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace spillway::upstream {

struct Target {
  std::string name;  // of the backend; for log and pool
  std::string host;  // to resolve; a name or an IP literal without brackets
  std::uint16_t port = 443;
  std::string authority;    // the Host field: host, and the port if it is not the scheme's own
  std::string server_name;  // SNI, and the name the certificate must have
  std::optional<net::TlsContext> tls;  // none: plain HTTP
  std::shared_ptr<const Proxy> proxy;  // none: straight there. With TLS only.
  unsigned max_connections = 1024;     // of the whole process

  mutable std::atomic<unsigned> open_connections{0};
  mutable std::atomic<std::uint64_t> tls_handshakes{0};  // done, for /status
  mutable std::atomic<std::uint64_t> tls_resumed{0};     // of these
};

/// The name that has to be known for a connection: the host's, or that of the proxy, which looks up
/// the host by itself.
const std::string& name_to_resolve(const Target& target);

/// The Host field's value for a URL (RFC 9110 §7.2).
std::string authority_of(const std::string& host, std::uint16_t port, std::uint16_t default_port);

}  // namespace spillway::upstream
