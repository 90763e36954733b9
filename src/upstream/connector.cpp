#include <spillway/net/tcp_stream.hpp>
#include <spillway/net/tls_stream.hpp>
#include <spillway/upstream/connector.hpp>
#include <spillway/upstream/proxy_tunnel.hpp>

#include <utility>

namespace spillway::upstream {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;
using StreamResult = Result<std::unique_ptr<net::Stream>>;

std::string authority_of(const std::string& host, std::uint16_t port, std::uint16_t default_port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  std::string authority = is_v6 ? "[" + host + "]" : host;
  if (port != default_port) authority += ":" + std::to_string(port);
  return authority;
}

const std::string& name_to_resolve(const Target& target) {
  return target.proxy ? target.proxy->host : target.host;
}

net::Task<StreamResult> Connector::connect(const Target& target) {
  auto addresses = resolver_.addresses_of(name_to_resolve(target));
  if (!addresses) co_return addresses.error();
  const std::shared_ptr<const net::Addresses> known = std::move(addresses.value());
  const std::uint16_t port = target.proxy ? target.proxy->port : target.port;
  auto connected = co_await connect_tcp(port, *known);
  if (!connected) co_return connected.error();
  if (target.proxy) {
    auto passed = co_await pass_proxy(target);
    if (!passed) co_return passed.error();
  }
  if (target.tls) co_return co_await start_tls(target);
  auto stream = std::make_unique<net::TcpStream>(executor_, std::move(connected_), Side::upstream);
  co_return StreamResult(std::move(stream));
}

net::Task<Result<void>> Connector::connect_tcp(std::uint16_t port,
                                               const net::Addresses& addresses) {
  Error why(Fault::connect_failed, Side::upstream, "no address");
  for (const auto& address : addresses) {
    const net::asio::ip::tcp::endpoint endpoint(address, port);
    auto opened = co_await opening_.connect(endpoint);
    if (closed_) co_return *closed_;
    if (opened) {
      connected_ = std::move(opened.value());
      co_return Result<void>();
    }
    why = opened.error();
    // Ours, not the backend's: its breaker learns nothing from it.
    if (why.fault() == Fault::no_capacity) break;
  }
  co_return why;
}

// The socket is a stream to the proxy while the tunnel is asked for, and then itself again: TLS
// works on the socket.
net::Task<Result<void>> Connector::pass_proxy(const Target& target) {
  net::TcpStream stream(executor_, std::move(connected_), Side::upstream);
  const std::string authority = authority_of(target.host, target.port, 0);
  handshaking_ = &stream;
  auto passed = co_await open_tunnel(stream, *target.proxy, authority);
  handshaking_ = nullptr;
  if (closed_) co_return *closed_;
  if (passed) connected_ = stream.release();
  co_return passed;
}

net::Task<StreamResult> Connector::start_tls(const Target& target) {
  auto stream = std::make_unique<net::TlsStream>(executor_, std::move(connected_), *target.tls,
                                                 Side::upstream);
  handshaking_ = stream.get();
  auto established = co_await stream->connect(target.server_name);
  handshaking_ = nullptr;
  if (!established) co_return established.error();
  target.tls_handshakes.fetch_add(1, std::memory_order_relaxed);
  if (stream->is_resumed()) target.tls_resumed.fetch_add(1, std::memory_order_relaxed);
  co_return StreamResult(std::move(stream));
}

void Connector::close(Error reason) {
  if (closed_) return;
  closed_ = reason;
  opening_.close();
  if (handshaking_ != nullptr) handshaking_->close(std::move(reason));
}

}  // namespace spillway::upstream
