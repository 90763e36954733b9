#pragma once
// recv, send and sendmsg as the system has them. glibc's may be cancelled (pthread_cancel, which
// nobody does here), and in a process of several threads they say so with two locked instructions
// before and two after each call: eight for a small request.

#include <cstddef>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// Sanitizers see what is read and written by the calls that they know.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SPILLWAY_CALLS_BY_NAME 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(thread_sanitizer)
#define SPILLWAY_CALLS_BY_NAME 1
#endif
#endif

namespace spillway::net {

#if defined(SPILLWAY_CALLS_BY_NAME) || !defined(SYS_recvfrom) || !defined(SYS_sendto)

inline ssize_t receive(int socket, void* to, std::size_t size) {
  return ::recv(socket, to, size, 0);
}

inline ssize_t send(int socket, const void* from, std::size_t size) {
  return ::send(socket, from, size, MSG_NOSIGNAL);
}

inline ssize_t send(int socket, const msghdr& message) {
  return ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

#else

/// As recv(2): errno says what was wrong.
inline ssize_t receive(int socket, void* to, std::size_t size) {
  return ::syscall(SYS_recvfrom, socket, to, size, 0, nullptr, nullptr);
}

/// As send(2), without SIGPIPE.
inline ssize_t send(int socket, const void* from, std::size_t size) {
  return ::syscall(SYS_sendto, socket, from, size, MSG_NOSIGNAL, nullptr, 0);
}

/// As sendmsg(2), without SIGPIPE.
inline ssize_t send(int socket, const msghdr& message) {
  return ::syscall(SYS_sendmsg, socket, &message, MSG_NOSIGNAL);
}

#endif

}  // namespace spillway::net
