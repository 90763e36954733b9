#include <spillway/base/descriptor.hpp>
#include <spillway/net/listener.hpp>

#include <boost/asio/redirect_error.hpp>

#include <utility>

namespace spillway::net {

constexpr auto kBackOff = std::chrono::milliseconds(100);
constexpr unsigned kMostAtClose = 4096;  // the largest backlog usual systems allow

Listener::Listener(TcpAcceptor acceptor, OnAccept on_accept, OnTrouble on_trouble)
    : acceptor_(std::move(acceptor)),
      pause_(acceptor_.get_executor()),
      on_accept_(std::move(on_accept)),
      on_trouble_(std::move(on_trouble)) {}

Task<void> Listener::run() {
  while (acceptor_.is_open()) {
    boost::system::error_code error;
    TcpSocket socket = co_await acceptor_.async_accept(asio::redirect_error(use_task, error));
    // Also after close(): it may have been accepted just before, and nobody else has it.
    if (!error) {
      is_in_trouble_ = false;
      on_accept_(std::move(socket));
    } else if (acceptor_.is_open()) {
      const std::string what = error.message();
      co_await back_off(what);
    }
  }
}

Task<void> Listener::back_off(const std::string& what) {
  if (!is_in_trouble_) on_trouble_(what);
  is_in_trouble_ = true;
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
    if (!error) on_accept_(std::move(socket));
  }
}

}  // namespace spillway::net
