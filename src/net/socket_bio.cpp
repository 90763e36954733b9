#include "socket_bio.hpp"

#include "system_calls.hpp"
#include "would_block.hpp"

#include <openssl/bio.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <sys/socket.h>

namespace spillway::net {
namespace {

SocketForOpenssl& socket_of(BIO* bio) {
  return *static_cast<SocketForOpenssl*>(BIO_get_data(bio));
}

int read(BIO* bio, char* to, std::size_t size, std::size_t* read) {
  SocketForOpenssl& socket = socket_of(bio);
  BIO_clear_retry_flags(bio);
  *read = 0;
  if (!socket.readiness.is_readable()) {
    BIO_set_retry_read(bio);
    return 0;
  }
  const ssize_t bytes = receive(socket.descriptor, to, size);
  if (bytes > 0) {
    *read = static_cast<std::size_t>(bytes);
    if (!socket.first_byte) socket.first_byte = *to;
    if (*read < size) socket.readiness.note_drained();
    return 1;
  }
  if (bytes == 0) {
    socket.has_ended = true;
  } else if (would_block(errno)) {
    if (errno != EINTR) socket.readiness.note_drained();
    BIO_set_retry_read(bio);
  }
  return 0;
}

int write(BIO* bio, const char* from, std::size_t size, std::size_t* written) {
  SocketForOpenssl& socket = socket_of(bio);
  BIO_clear_retry_flags(bio);
  *written = 0;
  const ssize_t bytes = send(socket.descriptor, from, size);
  if (bytes > 0) {
    *written = static_cast<std::size_t>(bytes);
    return 1;
  }
  if (bytes < 0 && would_block(errno)) {
    if (errno != EINTR) socket.readiness.note_full();
    BIO_set_retry_write(bio);
  }
  return 0;
}

long control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return socket_of(bio).has_ended ? 1 : 0;
    default:
      return 0;
  }
}

int create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

using Method = std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)>;

Method make_method() {
  Method method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "spillway socket"),
                BIO_meth_free);
  const bool is_made = method != nullptr && BIO_meth_set_read_ex(method.get(), read) == 1 &&
                       BIO_meth_set_write_ex(method.get(), write) == 1 &&
                       BIO_meth_set_ctrl(method.get(), control) == 1 &&
                       BIO_meth_set_create(method.get(), create) == 1;
  if (!is_made) method.reset();
  return method;
}

}  // namespace

bio_st* make_socket_bio(SocketForOpenssl& socket) {
  static const Method method = make_method();
  if (method == nullptr) return nullptr;
  BIO* bio = BIO_new(method.get());
  if (bio != nullptr) BIO_set_data(bio, &socket);
  return bio;
}

}  // namespace spillway::net
