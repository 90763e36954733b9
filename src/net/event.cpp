#include <spillway/net/event.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace spillway::net {

Task<void> Event::wait() {
  if (!is_notified_) {
    auto initiate = [this](auto handler) { waiter_ = std::move(handler); };
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(initiate,
                                                                                  use_task);
  }
  is_notified_ = false;
}

void Event::resume() {
  is_notified_ = true;
  Continuation waiter = std::move(waiter_);
  if (waiter) waiter();
}

void Event::notify() {
  is_notified_ = true;
  if (waiter_) asio::post(executor_, std::move(waiter_));
}

}  // namespace spillway::net
