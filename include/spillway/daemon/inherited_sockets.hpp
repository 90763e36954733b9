#pragma once
// Listening sockets that somebody else has opened for us: the service manager (socket activation,
// sd_listen_fds(3)) or the gateway that ran before (daemon/predecessor). Listeners and the admin
// port take those of their address from here instead of binding.

#include <spillway/base/descriptor.hpp>
#include <spillway/base/result.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/identity/environment.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace spillway::daemon {

class InheritedSockets {
 public:
  static constexpr int kFirstPassed = 3;

  /// None.
  InheritedSockets() = default;
  /// Those of LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES, from descriptor `first` on; none if they
  /// are meant for another process than `self`. Error: one of them does not listen for TCP.
  static base::Result<InheritedSockets> from_service_manager(
      const identity::Environment& environment, pid_t self, int first = kFirstPassed);

  /// `name`: as its former owner called it, for messages and for addresses with port 0. Error: it
  /// does not listen for TCP.
  base::Result<void> add(std::string name, base::Descriptor socket);

  /// All that listen on `address`; with port 0, those of that name. They are ours no more.
  std::vector<base::Descriptor> take(const config::Address& address, std::string_view name);

  [[nodiscard]] bool is_empty() const { return sockets_.empty(); }
  /// "web on 0.0.0.0:8443, 127.0.0.1:9901": those that nobody took.
  [[nodiscard]] std::string describe() const;

 private:
  struct Socket {
    std::string name;
    boost::asio::ip::tcp::endpoint endpoint;
    base::Descriptor descriptor;
  };

  std::vector<Socket> sockets_;
};

}  // namespace spillway::daemon
