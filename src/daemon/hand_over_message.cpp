#include "hand_over_message.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace spillway::daemon {
namespace {

using base::Descriptor;
using base::Result;

constexpr std::size_t kControlBytes = CMSG_SPACE(kMaxMessageDescriptors * sizeof(int));

std::string reason(int code) {
  if (code == EAGAIN) return "the other process does not answer";
  return std::system_category().message(code);
}

std::vector<Descriptor> descriptors_in(msghdr& header) {
  std::vector<Descriptor> descriptors;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
      descriptors.emplace_back(number);
    }
  }
  return descriptors;
}

}  // namespace

base::Error hand_over_failure(std::string what) {
  return {base::Fault::internal, base::Side::gateway, std::move(what)};
}

Result<void> send_message(int socket, std::string_view text, std::span<const int> descriptors) {
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  iovec bytes{const_cast<char*>(text.data()), text.size()};
  msghdr header{};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size_bytes());
  }
  ssize_t count = 0;
  do {
    count = ::sendmsg(socket, &header, MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return hand_over_failure(reason(errno));
  return {};
}

Result<HandOverMessage> receive_message(int socket) {
  std::array<char, kMaxMessageBytes> text{};
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  iovec bytes{text.data(), text.size()};
  msghdr header{};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t count = 0;
  do {
    count = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return hand_over_failure(reason(errno));
  HandOverMessage message;
  message.descriptors = descriptors_in(header);
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
    return hand_over_failure("a message was too large, or descriptors have run out");
  }
  message.text.assign(text.data(), static_cast<std::size_t>(count));
  return message;
}

Result<void> check_peer(int socket) {
  ucred peer{};
  socklen_t length = sizeof(peer);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
    return hand_over_failure(reason(errno));
  }
  if (peer.uid == ::geteuid() || peer.uid == 0) return {};
  return hand_over_failure("process " + std::to_string(peer.pid) + " of user " +
                           std::to_string(peer.uid) +
                           " is at the other end; both must run as the same user");
}

}  // namespace spillway::daemon
