#pragma once
// Two connected sockets: one to be a stream, one to play the peer with.

#include <spillway/base/descriptor.hpp>

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace spillway::test {

struct SocketPair {
  SocketPair() {
    int both[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both), 0);
    ours = base::Descriptor(both[0]);
    peer = base::Descriptor(both[1]);
  }
  void say(std::string_view text) const {
    EXPECT_EQ(::write(peer.number(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  /// What has come so far, at most 64 bytes.
  [[nodiscard]] std::string heard() const {
    std::array<char, 64> bytes{};
    const ssize_t count = ::read(peer.number(), bytes.data(), bytes.size());
    return {bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }
  void end() { peer = base::Descriptor(); }

  base::Descriptor ours;
  base::Descriptor peer;
};

}  // namespace spillway::test
