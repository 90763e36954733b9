#pragma once
// Opens a connection to a backend: the addresses known now, in order, the tunnel if there is a
// proxy, then TLS. Cancelled by close().

#include <spillway/base/result.hpp>
#include <spillway/net/resolver.hpp>
#include <spillway/net/stream.hpp>
#include <spillway/net/tcp_connect.hpp>
#include <spillway/upstream/target.hpp>

#include <memory>
#include <optional>

namespace spillway::upstream {

class Connector {
 public:
  Connector(net::Executor executor, const net::Resolver& resolver)
      : executor_(std::move(executor)), resolver_(resolver), opening_(executor_) {}
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// Errors: dns_failed, connect_failed, tls_failed, or the reason given to close(). The caller
  /// holds the deadline. One call at a time.
  net::Task<base::Result<std::unique_ptr<net::Stream>>> connect(const Target& target);

  /// Ends a running connect() with this reason.
  void close(base::Error reason);

 private:
  net::Task<base::Result<void>> connect_tcp(std::uint16_t port, const net::Addresses& addresses);
  net::Task<base::Result<void>> pass_proxy(const Target& target);
  net::Task<base::Result<std::unique_ptr<net::Stream>>> start_tls(const Target& target);

  net::Executor executor_;
  const net::Resolver& resolver_;
  net::TcpConnect opening_;
  base::Descriptor connected_;          // until a stream has it
  net::Stream* handshaking_ = nullptr;  // with the backend, or with the proxy
  std::optional<base::Error> closed_;
};

}  // namespace spillway::upstream
