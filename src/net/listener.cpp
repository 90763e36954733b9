#include <spillway/base/descriptor.hpp>
#include <spillway/net/listener.hpp>

#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace spillway::net {
namespace {

constexpr auto kBackOff = std::chrono::milliseconds(100);
constexpr auto kTellAgain = std::chrono::seconds(10);
constexpr unsigned kMostAtClose = 4096;  // the largest backlog usual systems allow
constexpr unsigned kMostClosedAtOnce = 64;
constexpr unsigned kMostAtOnce = 16;  // then the sessions have their turn

int open_spare_descriptor() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_out_of_descriptors(int error) {
  return error == EMFILE || error == ENFILE;
}

// The connection that was next is gone, the one behind it is not (accept(2)).
bool concerns_one_only(int error) {
  return error == EINTR || error == ECONNABORTED || error == EPROTO || error == EPERM;
}

}  // namespace

Listener::Listener(Executor executor, DeadlineWheel& wheel, base::Descriptor acceptor,
                   ListenerHooks hooks)
    : executor_(std::move(executor)),
      acceptor_(std::move(acceptor)),
      hooks_(std::move(hooks)),
      go_on_(executor_),
      pause_(wheel, [this] { go_on_.notify(); }),
      spare_descriptor_(open_spare_descriptor()) {}

Listener::~Listener() {
  if (spare_descriptor_ >= 0) ::close(spare_descriptor_);
}

Task<void> Listener::run() {
  while (acceptor_.is_open()) {
    bool has_thrown = false;
    try {
      co_await accept_what_waits();
    } catch (const std::exception& error) {  // no memory even for that; there will be some again
      has_thrown = true;
      tell_trouble(error.what());
    }
    if (has_thrown) co_await back_off();
  }
}

Task<void> Listener::accept_what_waits() {
  if (!is_watched()) {
    tell_trouble("the system has no memory to watch the listening socket");
    co_await back_off();
    co_return;
  }
  co_await readiness_->wait_readable();
  int error = 0;
  for (unsigned i = 0; i < kMostAtOnce && error == 0 && acceptor_.is_open(); ++i)
    error = accept_one();
  if (error == 0 || !acceptor_.is_open()) co_return;
  if (error == EAGAIN) {
    readiness_->note_drained();
    co_return;
  }
  tell_trouble(std::generic_category().message(error));
  if (is_out_of_descriptors(error)) close_who_waits();
  co_await back_off();
}

bool Listener::is_watched() {
  if (!readiness_ || !readiness_->is_watched())
    readiness_.emplace(executor_, acceptor_.number(), base::Side::client);
  return readiness_->is_watched();
}

// 0, or why none was accepted.
int Listener::accept_one() {
  for (;;) {
    Accepted accepted;
    auto size = static_cast<socklen_t>(accepted.peer.capacity());
    accepted.socket = base::Descriptor(
        ::accept4(acceptor_.number(), accepted.peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted.socket.is_open()) {
      accepted.peer.resize(size);
      is_in_trouble_ = false;
      hand_on(std::move(accepted));
      return 0;
    }
    if (!concerns_one_only(errno)) return errno == EWOULDBLOCK ? EAGAIN : errno;
  }
}

// Without memory for one more connection the others go on, and so does accepting.
void Listener::hand_on(Accepted accepted) {
  try {
    hooks_.on_accept(std::move(accepted));
  } catch (const std::exception& error) {
    tell_trouble(error.what());
  }
}

void Listener::tell_trouble(const std::string& what) {
  const auto now = std::chrono::steady_clock::now();
  const bool is_new = !std::exchange(is_in_trouble_, true);
  const bool was_told = told_at_ != std::chrono::steady_clock::time_point();
  if (!is_new || (was_told && now - told_at_ < kTellAgain)) return;
  told_at_ = now;
  hooks_.on_trouble(what);
}

void Listener::close_who_waits() {
  for (unsigned closed = 0; closed < kMostClosedAtOnce; ++closed) {
    if (!close_one()) return;
    if (hooks_.on_out_of_descriptors) hooks_.on_out_of_descriptors();
  }
}

// False if nobody waits, or if somebody else was faster and took the descriptor.
bool Listener::close_one() {
  if (spare_descriptor_ < 0) spare_descriptor_ = open_spare_descriptor();
  if (spare_descriptor_ < 0) return false;
  ::close(std::exchange(spare_descriptor_, -1));
  const int waiting = ::accept4(acceptor_.number(), nullptr, nullptr, SOCK_CLOEXEC);
  const bool is_accepted = waiting >= 0;
  if (is_accepted) ::close(waiting);
  spare_descriptor_ = open_spare_descriptor();
  return is_accepted;
}

Task<void> Listener::back_off() {
  pause_.set_after(kBackOff);
  co_await go_on_.wait();
}

void Listener::close() {
  accept_backlog();
  leave();
}

// Taken out of epoll before it is closed: closing removes it only if no other process has the same
// socket.
void Listener::leave() {
  if (readiness_) readiness_->leave();
  acceptor_ = base::Descriptor();
  go_on_.notify();
}

// With SO_REUSEPORT the kernel resets what waits at a listener that closes.
void Listener::accept_backlog() {
  int error = acceptor_.is_open() ? 0 : EBADF;
  for (unsigned i = 0; i < kMostAtClose && error == 0; ++i)
    error = accept_one();
}

}  // namespace spillway::net
