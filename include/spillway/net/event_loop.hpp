#pragma once
// The event loop of a worker: an io_context for what is to be run, and epoll for what is to be
// waited for, in one wait. (An io_context alone would wait in an epoll of its own, through which
// ours is three system calls further away.) So nothing of Asio's own may wait on this loop: no
// timer, no socket. Deadlines have the wheel, sockets a Readiness.

#include <spillway/base/time.hpp>
#include <spillway/net/continuation.hpp>
#include <spillway/net/task.hpp>

#include <functional>

namespace spillway::net {

class Reactor;

class EventLoop {
 public:
  /// Throws std::system_error if the system has no descriptors for it.
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  [[nodiscard]] Executor executor() { return context_.get_executor(); }
  /// Runs it in the loop's thread. Any thread; all else that is posted must come from the loop's
  /// own.
  void post(std::function<void()> action);

  /// Runs until no task is left. `on_turn` is called after each turn, so at least once in `tick`.
  /// What a task lets escape goes through; call it again then.
  void run(base::Duration tick, const std::function<void()>& on_turn);

 private:
  bool run_what_is_ready();

  asio::io_context context_{1};
  Reactor& reactor_;
};

}  // namespace spillway::net
