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
    // Who goes on and on has his turn beside the sockets, not before them.
    unsigned ran = 0;
    while (ran < kMostInATurn && context_.poll_one() > 0)
      ++ran;
    if (context_.stopped()) return;
    // It waits only if nothing is left to run.
    reactor_.turn(ran < kMostInATurn ? most : std::chrono::milliseconds(0));
    on_turn();
  }
}

}  // namespace spillway::net
