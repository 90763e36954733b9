#pragma once
// What two gateways say to each other when one takes over from the other: short texts, some with
// descriptors, over a Unix socket of packets. The words, in order:
//
//   successor                     predecessor
//   take 1               ->
//                        <-       sockets NAME, with descriptors; once or more for each NAME
//                        <-       all COUNT
//   store                ->                       (only with server.state_directory)
//                        <-       store is free
//   ready                ->                       (it could serve now)
//                        <-       yours
//   puts its socket at the path and closes        drains
//
// Whoever does not get what it waits for closes; up to `yours` the predecessor then goes on.

#include <spillway/base/descriptor.hpp>
#include <spillway/base/result.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::daemon {

inline constexpr std::size_t kMaxMessageBytes = 512;
inline constexpr std::size_t kMaxMessageDescriptors = 128;

inline constexpr std::string_view kTake = "take 1";  // the number of this protocol
inline constexpr std::string_view kSockets = "sockets ";
inline constexpr std::string_view kAll = "all ";
inline constexpr std::string_view kStore = "store";
inline constexpr std::string_view kStoreIsFree = "store is free";
inline constexpr std::string_view kReady = "ready";
inline constexpr std::string_view kYours = "yours";

/// The name of the admin port's socket; no listener's name is without a blank.
inline constexpr std::string_view kAdminSocket = "admin";

struct HandOverMessage {
  std::string text;  // empty: the other side has closed
  std::vector<base::Descriptor> descriptors;
};

/// Sends one packet, or fails where that would wait (or, with a time limit on the socket, for
/// longer than that).
base::Result<void> send_message(int socket, std::string_view text,
                                std::span<const int> descriptors = {});

/// The next packet; errors are as for sending, and a packet that is too large.
base::Result<HandOverMessage> receive_message(int socket);

/// Error: the process at the other end runs as somebody else, and not as root.
base::Result<void> check_peer(int socket);

base::Error hand_over_failure(std::string what);

}  // namespace spillway::daemon
