#pragma once
// The receiving end of sd_notify(3): a datagram socket whose messages a test reads.

#include "support/certificates.hpp"
#include <spillway/base/descriptor.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace spillway::test {

class NotifySocket {
 public:
  enum Kind { path, abstract };

  explicit NotifySocket(Kind kind = path)
      : address_(kind == path ? (folder_.path() / "notify").string()
                              : "@spillway-test-" + std::to_string(::getpid())) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(address_.begin(), address_.end(), address.sun_path);
    if (kind == abstract) address.sun_path[0] = '\0';
    socket_ = base::Descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    if (::bind(socket_.number(), reinterpret_cast<sockaddr*>(&address), size) != 0) {
      throw std::runtime_error("cannot bind " + address_);
    }
  }

  /// What NOTIFY_SOCKET says.
  [[nodiscard]] const std::string& address() const { return address_; }

  /// The next message; empty if none comes for so long.
  std::string receive(int milliseconds = 10'000) {
    pollfd entry{socket_.number(), POLLIN, 0};
    if (::poll(&entry, 1, milliseconds) != 1) return {};
    std::array<char, 4096> text{};
    const ssize_t size = ::recv(socket_.number(), text.data(), text.size(), 0);
    return size < 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(size));
  }

  /// The next message with this text, others skipped; empty if none comes for ten seconds.
  std::string receive_with(const std::string& text) {
    std::string message = receive();
    while (!message.empty() && message.find(text) == std::string::npos)
      message = receive();
    return message;
  }

 private:
  TemporaryDirectory folder_;
  std::string address_;
  base::Descriptor socket_;
};

}  // namespace spillway::test
