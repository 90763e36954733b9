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

base::Result<tcp::endpoint> reserve_endpoint(const std::string& host, std::uint16_t port) {
  error_code error;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) return cannot_listen(host, port, error);
  asio::io_context context(1);
  tcp::acceptor probe(context);
  const tcp::endpoint endpoint(address, port);
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

}  // namespace spillway::net
