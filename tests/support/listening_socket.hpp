#pragma once
// A listening socket of a test's own, as a service manager would pass it.

#include <spillway/base/descriptor.hpp>

#include <cstdint>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>

namespace spillway::test {

class ListeningSocket {
 public:
  /// On 127.0.0.1, on a free port.
  ListeningSocket() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* where = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    if (::bind(socket_.number(), where, size) != 0 || ::listen(socket_.number(), 128) != 0 ||
        ::getsockname(socket_.number(), where, &size) != 0) {
      throw std::runtime_error("cannot listen on 127.0.0.1");
    }
    port_ = ntohs(address.sin_port);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Another descriptor of it, to give away.
  [[nodiscard]] base::Descriptor copy() const {
    return base::Descriptor::duplicate_of(socket_.number());
  }

 private:
  base::Descriptor socket_;
  std::uint16_t port_ = 0;
};

}  // namespace spillway::test
