#include <spillway/base/descriptor.hpp>
#include <spillway/net/listener.hpp>

#include <boost/asio/redirect_error.hpp>

#include <exception>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace spillway::net {
namespace {

constexpr auto kBackOff = std::chrono::milliseconds(100);
constexpr auto kTellAgain = std::chrono::seconds(10);
constexpr unsigned kMostAtClose = 4096;  // the largest backlog usual systems allow
constexpr unsigned kMostClosedAtOnce = 64;

int open_spare_descriptor() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_out_of_descriptors(const boost::system::error_code& error) {
  return error == boost::system::errc::too_many_files_open ||
         error == boost::system::errc::too_many_files_open_in_system;
}

}  // namespace

Listener::Listener(TcpAcceptor acceptor, ListenerHooks hooks)
    : acceptor_(std::move(acceptor)),
      pause_(acceptor_.get_executor()),
      hooks_(std::move(hooks)),
      spare_descriptor_(open_spare_descriptor()) {}

Listener::~Listener() {
  if (spare_descriptor_ >= 0) ::close(spare_descriptor_);
}

Task<void> Listener::run() {
  while (acceptor_.is_open()) {
    bool has_thrown = false;
    try {
      co_await accept_next();
    } catch (const std::exception& error) {  // no memory even for that; there will be some again
      has_thrown = true;
      tell_trouble(error.what());
    }
    if (has_thrown) co_await back_off();
  }
}

Task<void> Listener::accept_next() {
  boost::system::error_code error;
  TcpSocket socket = co_await acceptor_.async_accept(asio::redirect_error(use_task, error));
  // Also after close(): it may have been accepted just before, and nobody else has it.
  if (!error) {
    is_in_trouble_ = false;
    hand_on(std::move(socket));
    co_return;
  }
  if (!acceptor_.is_open()) co_return;
  tell_trouble(error.message());
  if (is_out_of_descriptors(error)) close_who_waits();
  co_await back_off();
}

// Without memory for one more connection the others go on, and so does accepting.
void Listener::hand_on(TcpSocket socket) {
  try {
    hooks_.on_accept(std::move(socket));
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
  // Asio has made the acceptor non-blocking for its own waiting.
  const int waiting = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC);
  const bool is_accepted = waiting >= 0;
  if (is_accepted) ::close(waiting);
  spare_descriptor_ = open_spare_descriptor();
  return is_accepted;
}

Task<void> Listener::back_off() {
  pause_.expires_after(kBackOff);
  boost::system::error_code ignored;
  co_await pause_.async_wait(asio::redirect_error(use_task, ignored));
}

void Listener::close() {
  accept_backlog();
  leave();
}

// Released before it is closed: Asio would leave its epoll entry behind, because closing removes it
// from the kernel; but not while another process has the same socket.
void Listener::leave() {
  boost::system::error_code error;
  const base::Descriptor socket(acceptor_.is_open() ? acceptor_.release(error) : -1);
  pause_.cancel();
}

// With SO_REUSEPORT the kernel resets what waits at a listener that closes.
void Listener::accept_backlog() {
  boost::system::error_code error;
  acceptor_.non_blocking(true, error);
  for (unsigned i = 0; i < kMostAtClose && !error; ++i) {
    TcpSocket socket(acceptor_.get_executor());
    acceptor_.accept(socket, error);
    if (!error) hand_on(std::move(socket));
  }
}

}  // namespace spillway::net
