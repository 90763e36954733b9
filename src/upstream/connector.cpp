#include <spillway/net/tls_stream.hpp>
#include <spillway/upstream/connector.hpp>
#include <spillway/upstream/proxy_tunnel.hpp>

#include <boost/asio/redirect_error.hpp>

#include <utility>

namespace spillway::upstream {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;
using StreamResult = Result<std::unique_ptr<net::Stream>>;

namespace {

// Ours, not the backend's: its breaker learns nothing from it.
bool is_out_of_descriptors(const boost::system::error_code& error) {
  return error == boost::system::errc::too_many_files_open ||
         error == boost::system::errc::too_many_files_open_in_system;
}

}  // namespace

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
  auto stream = std::make_unique<net::TcpStream>(std::move(*socket_), Side::upstream);
  socket_.reset();
  co_return StreamResult(std::move(stream));
}

net::Task<Result<void>> Connector::connect_tcp(std::uint16_t port,
                                               const net::Addresses& addresses) {
  std::string why = "no address";
  for (const auto& address : addresses) {
    socket_.emplace(executor_);
    boost::system::error_code error;
    const net::asio::ip::tcp::endpoint endpoint(address, port);
    co_await socket_->async_connect(endpoint, net::asio::redirect_error(net::use_task, error));
    if (closed_) co_return *closed_;
    if (!error) co_return Result<void>();
    if (is_out_of_descriptors(error)) {
      co_return Error(Fault::no_capacity, Side::gateway,
                      "no descriptor is left for a connection to the backend; raise the limit of "
                      "open files");
    }
    why = address.to_string() + ":" + std::to_string(port) + ": " + error.message();
  }
  socket_.reset();
  co_return Error(Fault::connect_failed, Side::upstream, why);
}

// The socket is a stream to the proxy while the tunnel is asked for, and then itself again: TLS
// works on the socket.
net::Task<Result<void>> Connector::pass_proxy(const Target& target) {
  net::TcpStream stream(std::move(*socket_), Side::upstream);
  socket_.reset();
  const std::string authority = authority_of(target.host, target.port, 0);
  handshaking_ = &stream;
  auto passed = co_await open_tunnel(stream, *target.proxy, authority);
  handshaking_ = nullptr;
  if (closed_) co_return *closed_;
  if (passed) socket_.emplace(stream.release());
  co_return passed;
}

net::Task<StreamResult> Connector::start_tls(const Target& target) {
  auto stream = std::make_unique<net::TlsStream>(std::move(*socket_), *target.tls, Side::upstream);
  socket_.reset();
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
  if (socket_) {
    boost::system::error_code ignored;
    socket_->close(ignored);
  }
  if (handshaking_ != nullptr) handshaking_->close(std::move(reason));
}

}  // namespace spillway::upstream
