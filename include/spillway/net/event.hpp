#pragma once
// Lets one coroutine wait until something else on the same worker notifies it. A notification that
// comes first is kept. No timer and no system call.

#include <spillway/net/continuation.hpp>
#include <spillway/net/task.hpp>
#include <spillway/net/wait.hpp>

#include <utility>

namespace spillway::net {

class Event {
 public:
  explicit Event(Executor executor) : executor_(std::move(executor)) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  /// To be co_awaited: ends at the next notify(), or at once if there was one since the last wait.
  /// One waiter at a time; whoever waits is notified before the Event is destroyed. Of two
  /// notifications before the waiter goes on the second is kept.
  auto wait() {
    return Wait([this](Continuation go_on) { begin_wait(std::move(go_on)); });
  }
  void notify();
  /// As notify(), but whoever waits goes on at once. For callbacks of the event loop, as their last
  /// act: this may be gone when it returns.
  void resume();

 private:
  void begin_wait(Continuation go_on);

  Executor executor_;
  Continuation waiter_;
  bool is_notified_ = false;
};

}  // namespace spillway::net
