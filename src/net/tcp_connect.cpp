#include <spillway/net/tcp_connect.hpp>

#include <cerrno>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <utility>

namespace spillway::net {
namespace {

using base::Error;
using base::Fault;
using base::Side;

bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

Error not_connected(const asio::ip::tcp::endpoint& endpoint, int error) {
  if (is_shortage(error)) {
    return {Fault::no_capacity, Side::gateway,
            "no descriptor is left for a connection to the backend; raise the limit of open files"};
  }
  std::string why = endpoint.address().to_string();
  why += ":" + std::to_string(endpoint.port()) + ": ";
  why += std::generic_category().message(error);
  return {Fault::connect_failed, Side::upstream, why};
}

}  // namespace

Task<base::Result<base::Descriptor>> TcpConnect::connect(asio::ip::tcp::endpoint endpoint) {
  const int family = endpoint.protocol().family();
  base::Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) co_return not_connected(endpoint, errno);
  const auto size = static_cast<socklen_t>(endpoint.size());
  int error = ::connect(socket.number(), endpoint.data(), size) == 0 ? 0 : errno;
  if (error == EINPROGRESS) error = co_await finish(socket.number());
  if (error != 0) co_return not_connected(endpoint, error);
  co_return std::move(socket);
}

// 0, or why not.
Task<int> TcpConnect::finish(int socket) {
  Readiness readiness(executor_, socket, base::Side::upstream);
  if (!readiness.is_watched()) co_return ENOMEM;
  readiness.note_full();
  connecting_ = &readiness;
  co_await readiness.wait_writable();
  connecting_ = nullptr;
  readiness.leave();
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  co_return error;
}

// What comes from here on is not for it: it may be gone before the event loop tells it.
void TcpConnect::close() {
  if (connecting_ != nullptr) connecting_->leave();
}

}  // namespace spillway::net
