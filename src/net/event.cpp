#include <spillway/net/event.hpp>

#include <boost/asio/post.hpp>

#include <utility>

namespace spillway::net {

void Event::begin_wait(Continuation go_on) {
  waiter_ = std::move(go_on);
  if (is_notified_) notify();
}

void Event::resume() {
  is_notified_ = !waiter_;
  Continuation waiter = std::move(waiter_);
  if (waiter) waiter();
}

void Event::notify() {
  is_notified_ = !waiter_;
  if (waiter_) asio::post(executor_, std::move(waiter_));
}

}  // namespace spillway::net
