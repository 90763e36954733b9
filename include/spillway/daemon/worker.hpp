#pragma once
// One worker: a thread with its own event loop, listeners, sessions and upstream connections.
// Nothing of it is touched from outside but through post().

#include <spillway/gateway/worker_state.hpp>
#include <spillway/net/listener.hpp>
#include <spillway/net/task_group.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace spillway::daemon {

/// Where a worker listens; one acceptor of its own for each.
struct ListenOn {
  net::asio::ip::tcp::endpoint endpoint;
  std::shared_ptr<const net::TlsContext> tls;  // null: plain HTTP
};

struct WorkerHooks {
  std::function<void(const telemetry::AccessRecord&)> on_access;
  std::function<void(const routing::Transition&)> on_transition;
  /// A defect of ours that was survived, or trouble with accepting; any thread.
  std::function<void(std::string_view event, const std::string& what)> on_trouble;
};

class Worker {
 public:
  Worker(const net::Resolver& resolver, gateway::ProcessState& process,
         std::shared_ptr<const gateway::Snapshot> snapshot, WorkerHooks hooks);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Before start().
  base::Result<void> listen(const ListenOn& where);
  void start();

  /// Stops accepting, lets requests under way finish, ends when there are none. Any thread; a
  /// second call does nothing.
  void drain();
  /// Breaks off what is still under way. Any thread, after drain().
  void cut();
  void join();

  [[nodiscard]] bool has_ended() const { return has_ended_.load(); }
  /// When the event loop last turned; for /livez.
  [[nodiscard]] base::SteadyTime last_turn() const;

 private:
  void run();
  net::Task<void> tick();
  net::Task<void> end_when_drained();
  void accept(net::TcpSocket socket, const std::shared_ptr<const net::TlsContext>& tls);

  WorkerHooks hooks_;
  net::asio::io_context context_{1};
  gateway::WorkerState state_;
  net::TaskGroup sessions_;
  net::TaskGroup chores_;
  net::Timer tick_timer_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::atomic<std::int64_t> last_turn_ns_{0};
  std::atomic<bool> has_ended_{false};
  bool is_ending_ = false;
  bool is_full_ = false;  // limits.max_connections was reached by the last one accepted
  std::thread thread_;
};

}  // namespace spillway::daemon
