#include "reactor.hpp"
#include <spillway/net/event_loop.hpp>

#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace spillway::net {

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
    // Nothing may be left to run when the turn waits: not what on_turn() began, nor what was left
    // over when a task threw.
    context_.poll();
    if (context_.stopped()) return;
    asio::post(context_, [this, most] { reactor_.turn(most); });
    context_.poll();
    on_turn();
  }
}

}  // namespace spillway::net
