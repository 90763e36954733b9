#include "hand_over_message.hpp"
#include <spillway/daemon/predecessor.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>

namespace spillway::daemon {
namespace {

using base::Descriptor;
using base::Result;

constexpr timeval kAnswerPatience{10, 0};
constexpr std::size_t kMostSockets = 8192;

base::Error take_over_failure(const std::string& what) {
  return hand_over_failure("cannot take over from the gateway that runs: " + what);
}

}  // namespace

Result<std::optional<Predecessor>> Predecessor::find(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return take_over_failure(path + " is too long");
  std::copy(path.begin(), path.end(), address.sun_path);
  Descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO})
    ::setsockopt(socket.number(), SOL_SOCKET, option, &kAnswerPatience, sizeof(kAnswerPatience));
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket.number(), where, sizeof(address)) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return std::optional<Predecessor>();
    return take_over_failure(path + ": " + std::system_category().message(errno));
  }
  if (const auto checked = check_peer(socket.number()); !checked) {
    return take_over_failure(checked.error().detail());
  }
  return std::optional<Predecessor>(Predecessor(std::move(socket)));
}

Result<void> Predecessor::take_sockets(InheritedSockets& sockets) {
  if (const auto sent = send_message(socket_.number(), kTake); !sent) {
    return take_over_failure(sent.error().detail());
  }
  std::size_t count = 0;
  while (count <= kMostSockets) {
    auto message = receive_message(socket_.number());
    if (!message) return take_over_failure(message.error().detail());
    const std::string& text = message.value().text;
    if (text == std::string(kAll) + std::to_string(count)) return {};
    if (!text.starts_with(kSockets)) {
      return take_over_failure(text.empty()
                                   ? "it refuses; its log says why"
                                   : "it speaks of something else; is it another version?");
    }
    for (Descriptor& descriptor : message.value().descriptors) {
      auto added = sockets.add(text.substr(kSockets.size()), std::move(descriptor));
      if (!added) return added;
      ++count;
    }
  }
  return take_over_failure("it has more than " + std::to_string(kMostSockets) + " sockets");
}

Result<void> Predecessor::ask_for_store() {
  return ask(kStore, kStoreIsFree);
}

Result<void> Predecessor::succeed() {
  return ask(kReady, kYours);
}

Result<void> Predecessor::ask(std::string_view question, std::string_view expected) {
  if (const auto sent = send_message(socket_.number(), question); !sent) {
    return take_over_failure(sent.error().detail());
  }
  const auto message = receive_message(socket_.number());
  if (!message) return take_over_failure(message.error().detail());
  if (message.value().text != expected)
    return take_over_failure("it has given up; its log says why");
  return {};
}

}  // namespace spillway::daemon
