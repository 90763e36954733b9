#pragma once
// Accepts connections on one worker and hands them on. Survives running out of descriptors: it
// tells those who wait, and backs off instead of spinning.

#include <spillway/base/descriptor.hpp>
#include <spillway/net/acceptor.hpp>
#include <spillway/net/deadline.hpp>
#include <spillway/net/event.hpp>
#include <spillway/net/readiness.hpp>
#include <spillway/net/task.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace spillway::net {

struct Accepted {
  base::Descriptor socket;  // never blocks
  asio::ip::tcp::endpoint peer;
};

struct ListenerHooks {
  /// What it throws ends this connection only; it is trouble.
  std::function<void(Accepted)> on_accept;
  /// Called once per bout of failures, and at most every ten seconds.
  std::function<void(const std::string& what)> on_trouble;
  /// A connection was closed at once for want of descriptors. May be empty.
  std::function<void()> on_out_of_descriptors;
};

class Listener {
 public:
  /// `acceptor`: of open_acceptor() or adopt_acceptor(). Any thread; all else is the executor's.
  Listener(Executor executor, DeadlineWheel& wheel, base::Descriptor acceptor, ListenerHooks hooks);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Ends after close().
  Task<void> run();
  /// Hands on what has connected already, then stops listening.
  void close();
  /// Stops listening; what has connected waits for others who listen on the same socket.
  void leave();

 private:
  Task<void> accept_what_waits();
  [[nodiscard]] bool is_watched();
  [[nodiscard]] int accept_one();
  void accept_backlog();
  void hand_on(Accepted accepted);
  void tell_trouble(const std::string& what);
  void close_who_waits();
  [[nodiscard]] bool close_one();
  Task<void> back_off();

  Executor executor_;
  base::Descriptor acceptor_;
  std::optional<Readiness> readiness_;  // from run() on
  ListenerHooks hooks_;
  Event go_on_;
  Deadline pause_;
  /// Kept open so that there is one to give up: with it the next in the queue can be accepted, and
  /// closed, instead of being left hanging.
  int spare_descriptor_ = -1;
  bool is_in_trouble_ = false;
  std::chrono::steady_clock::time_point told_at_;
};

}  // namespace spillway::net
