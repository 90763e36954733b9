#include <spillway/net/event.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace spillway::net {

template <class Handler>
struct Event::HandlerWaiter final : Event::Waiter {
  HandlerWaiter(Executor to, Handler what) : executor(std::move(to)), handler(std::move(what)) {}
  void resume() override { asio::post(executor, std::move(handler)); }
  Executor executor;
  Handler handler;
};

Task<void> Event::wait() {
  if (!is_notified_) {
    auto initiate = [this](auto handler) {
      using Handler = decltype(handler);
      waiter_ = std::make_unique<HandlerWaiter<Handler>>(executor_, std::move(handler));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(initiate,
                                                                                  use_task);
  }
  is_notified_ = false;
}

void Event::notify() {
  is_notified_ = true;
  if (!waiter_) return;
  const std::unique_ptr<Waiter> waiter = std::move(waiter_);
  waiter->resume();
}

}  // namespace spillway::net
