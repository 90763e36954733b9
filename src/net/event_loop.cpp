#include "reactor.hpp"
#include <spillway/net/event_loop.hpp>

#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace spillway::net {
namespace {

constexpr unsigned kMostInATurn = 64;

}  // namespace

EventLoop::EventLoop() : reactor_(Reactor::of(context_.get_executor())) {
  reactor_.drive();
}

void EventLoop::post(std::function<void()> action) {
  asio::post(context_, std::move(action));
  reactor_.wake();
}

void EventLoop::run(base::Duration tick, const std::function<void()>& on_turn) {
  const auto most = std::chrono::ceil<std::chrono::milliseconds>(tick);
  for (;;) {
    const bool is_all = run_what_is_ready();
    if (context_.stopped()) return;
    // It waits only if nothing is left to run.
    reactor_.wait(is_all ? most : std::chrono::milliseconds(0));
    // What another thread wanted comes before what the sockets bring: they may know of it already.
    run_what_is_ready();
    reactor_.tell();
    on_turn();
  }
}

// False if there may be more. Who goes on and on has his turn beside the sockets, not before them.
bool EventLoop::run_what_is_ready() {
  for (unsigned i = 0; i < kMostInATurn; ++i)
    if (context_.poll_one() == 0) return true;
  return false;
}

}  // namespace spillway::net
