#include <spillway/net/acceptor.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <utility>

namespace spillway::net {
namespace {

using boost::system::error_code;
using tcp = asio::ip::tcp;

std::string text_of(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

base::Error cannot_listen(const std::string& host, std::uint16_t port, const error_code& error) {
  return {base::Fault::internal, base::Side::gateway,
          "cannot listen on " + text_of(host, port) + ": " + error.message()};
}

bool set(int socket, int option) {
  const int yes = 1;
  return ::setsockopt(socket, SOL_SOCKET, option, &yes, sizeof(yes)) == 0;
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

base::Result<base::Descriptor> open_acceptor(const tcp::endpoint& endpoint) {
  const int family = endpoint.protocol().family();
  base::Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int number = socket.number();
  const bool listens =
      socket.is_open() && set(number, SO_REUSEADDR) && set(number, SO_REUSEPORT) &&
      ::bind(number, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0 &&
      ::listen(number, SOMAXCONN) == 0;
  if (listens) return socket;
  const error_code error(errno, boost::system::system_category());
  return cannot_listen(endpoint.address().to_string(), endpoint.port(), error);
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

base::Result<base::Descriptor> adopt_acceptor(base::Descriptor socket) {
  const auto endpoint = endpoint_of_listener(socket.number());
  if (!endpoint) return endpoint.error();
  const int flags = ::fcntl(socket.number(), F_GETFL, 0);
  if (flags >= 0 && ::fcntl(socket.number(), F_SETFL, flags | O_NONBLOCK) == 0) return socket;
  const error_code error(errno, boost::system::system_category());
  return cannot_listen(endpoint.value().address().to_string(), endpoint.value().port(), error);
}

}  // namespace spillway::net
