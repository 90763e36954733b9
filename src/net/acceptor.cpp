#include <spillway/net/acceptor.hpp>

#include <boost/asio/ip/address.hpp>

#include <sys/socket.h>
#include <utility>

namespace spillway::net {
namespace {

using boost::system::error_code;
using tcp = asio::ip::tcp;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

std::string text_of(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

base::Error cannot_listen(const std::string& host, std::uint16_t port, const error_code& error) {
  return {base::Fault::internal, base::Side::gateway,
          "cannot listen on " + text_of(host, port) + ": " + error.message()};
}

}  // namespace

base::Result<tcp::endpoint> endpoint_of_address(const std::string& host, std::uint16_t port) {
  error_code error;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) return cannot_listen(host, port, error);
  return tcp::endpoint(address, port);
}

base::Result<tcp::endpoint> reserve_endpoint(const std::string& host, std::uint16_t port) {
  const auto wanted = endpoint_of_address(host, port);
  if (!wanted) return wanted;
  const tcp::endpoint& endpoint = wanted.value();
  error_code error;
  asio::io_context context(1);
  tcp::acceptor probe(context);
  probe.open(endpoint.protocol(), error);
  if (!error) probe.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) probe.bind(endpoint, error);
  if (!error) probe.listen(1, error);
  if (error) return cannot_listen(host, port, error);
  const tcp::endpoint bound = probe.local_endpoint(error);
  if (error) return cannot_listen(host, port, error);
  return bound;
}

base::Result<TcpAcceptor> open_acceptor(asio::io_context& context, const tcp::endpoint& endpoint) {
  error_code error;
  TcpAcceptor acceptor(context.get_executor());
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(TcpAcceptor::reuse_address(true), error);
  if (!error) acceptor.set_option(ReusePort(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(endpoint.address().to_string(), endpoint.port(), error);
  return acceptor;
}

base::Result<tcp::endpoint> endpoint_of_listener(int descriptor) {
  const auto refuse = [](const char* what) {
    return base::Error(base::Fault::internal, base::Side::gateway, what);
  };
  int type = 0;
  int is_listening = 0;
  socklen_t length = sizeof(type);
  if (::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) != 0) {
    return refuse("is no socket");
  }
  length = sizeof(is_listening);
  ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &length);
  if (type != SOCK_STREAM || is_listening == 0) return refuse("does not listen for connections");
  tcp::endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(descriptor, endpoint.data(), &size) != 0) return refuse("has no address");
  const auto family = endpoint.data()->sa_family;
  if (family != AF_INET && family != AF_INET6) return refuse("is no TCP socket");
  endpoint.resize(size);
  return endpoint;
}

base::Result<TcpAcceptor> adopt_acceptor(asio::io_context& context, base::Descriptor socket) {
  const auto endpoint = endpoint_of_listener(socket.number());
  if (!endpoint) return endpoint.error();
  error_code error;
  TcpAcceptor acceptor(context.get_executor());
  acceptor.assign(endpoint.value().protocol(), socket.number(), error);
  if (error) {
    return cannot_listen(endpoint.value().address().to_string(), endpoint.value().port(), error);
  }
  socket.release();
  return acceptor;
}

}  // namespace spillway::net
