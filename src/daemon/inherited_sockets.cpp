#include <spillway/daemon/inherited_sockets.hpp>
#include <spillway/net/acceptor.hpp>

#include <charconv>
#include <fcntl.h>
#include <utility>

namespace spillway::daemon {
namespace {

using base::Descriptor;
using base::Error;
using base::Result;

constexpr int kMostPassed = 1024;

// -1: not set, or no number.
int number_in(const identity::Environment& environment, std::string_view name) {
  const std::string text = environment(name).value_or("");
  int number = -1;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? number : -1;
}

// The part up to the next colon; `names` loses it.
std::string next_name(std::string_view& names) {
  const auto colon = names.find(':');
  const std::string name(names.substr(0, colon));
  names = colon == std::string_view::npos ? std::string_view() : names.substr(colon + 1);
  return name;
}

std::string text_of(const boost::asio::ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(endpoint.port());
}

}  // namespace

Result<InheritedSockets> InheritedSockets::from_service_manager(
    const identity::Environment& environment, pid_t self, int first) {
  InheritedSockets sockets;
  const int count = number_in(environment, "LISTEN_FDS");
  if (count <= 0 || number_in(environment, "LISTEN_PID") != self) return sockets;
  if (count > kMostPassed) {
    return Error(base::Fault::internal, base::Side::gateway,
                 "LISTEN_FDS passes " + std::to_string(count) + " descriptors; at most " +
                     std::to_string(kMostPassed));
  }
  const std::string all_names = environment("LISTEN_FDNAMES").value_or("");
  std::string_view names = all_names;
  for (int i = 0; i < count; ++i) {
    ::fcntl(first + i, F_SETFD, FD_CLOEXEC);
    const auto added = sockets.add(next_name(names), Descriptor(first + i));
    if (!added) return added.error();
  }
  return sockets;
}

Result<void> InheritedSockets::add(std::string name, Descriptor socket) {
  auto endpoint = net::endpoint_of_listener(socket.number());
  if (!endpoint) {
    return Error(base::Fault::internal, base::Side::gateway,
                 "the socket '" + name + "' that was passed to Spillway (descriptor " +
                     std::to_string(socket.number()) + ") " + endpoint.error().detail() +
                     "; pass stream sockets that listen, such as ListenStream=0.0.0.0:8443");
  }
  sockets_.push_back({std::move(name), endpoint.value(), std::move(socket)});
  return {};
}

std::vector<Descriptor> InheritedSockets::take(const config::Address& address,
                                               std::string_view name) {
  const auto endpoint = net::endpoint_of_address(address.host, address.port);
  std::vector<Descriptor> taken;
  std::vector<Socket> left;
  for (Socket& socket : sockets_) {
    const bool is_wanted =
        address.port == 0 ? socket.name == name : endpoint && endpoint.value() == socket.endpoint;
    if (is_wanted) {
      taken.push_back(std::move(socket.descriptor));
    } else {
      left.push_back(std::move(socket));
    }
  }
  sockets_ = std::move(left);
  return taken;
}

std::string InheritedSockets::describe() const {
  std::string text;
  for (const Socket& socket : sockets_) {
    if (!text.empty()) text += ", ";
    if (!socket.name.empty()) text += "'" + socket.name + "' on ";
    text += text_of(socket.endpoint);
  }
  return text;
}

}  // namespace spillway::daemon
