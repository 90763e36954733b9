#pragma once
// One worker: a thread with its own event loop, listeners, sessions and upstream connections.
// Nothing of it is touched from outside but through post().

#include <spillway/base/descriptor.hpp>
#include <spillway/gateway/connection_admission.hpp>
#include <spillway/gateway/worker_state.hpp>
#include <spillway/net/event_loop.hpp>
#include <spillway/net/listener.hpp>
#include <spillway/net/task_group.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace spillway::daemon {

/// Where a worker listens; one acceptor of its own for each.
struct ListenOn {
  std::string name;  // the address as configured: the same listener before and after a reload
  net::asio::ip::tcp::endpoint endpoint;
  std::shared_ptr<const net::TlsContext> tls;  // null: plain HTTP
};

struct HandshakeFailure {
  std::string peer;
  std::string what;
  std::uint64_t untold = 0;
};

struct WorkerHooks {
  std::function<void(const telemetry::AccessRecord&)> on_access;
  std::function<void(const routing::Transition&)> on_transition;
  /// A defect of ours that was survived, or trouble with accepting; any thread.
  std::function<void(std::string_view event, const std::string& what)> on_trouble;
  /// A caller's TLS handshake failed, and so many more did since the last one told: one is told in
  /// ten seconds for each worker. Any thread.
  std::function<void(const HandshakeFailure&)> on_handshake_failure;
};

class Worker {
 public:
  Worker(const net::Resolver& resolver, gateway::ProcessState& process,
         std::shared_ptr<const gateway::Snapshot> snapshot, WorkerHooks hooks);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Binds; connections wait until start() or follow(). The control thread. Gives the socket's
  /// descriptor, which is the worker's and open until drain(), discard_opened() or a follow() that
  /// does not want it.
  base::Result<int> open(const ListenOn& where);
  /// The same with a socket that listens already; a worker may have several for one address.
  base::Result<int> adopt(const ListenOn& where, base::Descriptor socket);
  /// Closes what was opened and neither started nor followed: a reload that failed.
  void discard_opened() { opened_.clear(); }
  void start();
  /// From a reload on: new requests run under this snapshot; listeners that are not among `wanted`
  /// close, those that were opened since start accept, the others go on with the TLS given here.
  /// Connections stay. The control thread, after start().
  void follow(std::shared_ptr<const gateway::Snapshot> snapshot, std::vector<ListenOn> wanted);

  /// Stops accepting, lets requests under way finish, ends when there are none. Any thread; a
  /// second call does nothing.
  void drain(gateway::IdleClients idle_clients = gateway::IdleClients::close);
  /// Closes the callers' connections that wait for a request: memory is short. Any thread.
  void close_idle();
  /// Breaks off what is still under way. Any thread, after drain().
  void cut();
  void join();

  [[nodiscard]] bool has_ended() const { return has_ended_.load(); }
  /// When the event loop last turned; for /livez.
  [[nodiscard]] base::SteadyTime last_turn() const;

 private:
  /// A listener and what may change of it.
  struct Listening {
    std::string name;
    std::shared_ptr<const net::TlsContext> tls;
    std::unique_ptr<net::Listener> listener;
  };
  using Listeners = std::vector<std::shared_ptr<Listening>>;

  [[nodiscard]] std::function<void(const std::string&)> failure_hook();
  void run();
  void tell_handshake_failure(const std::string& peer, const base::Error& error);
  int add(const ListenOn& where, base::Descriptor acceptor);
  net::Task<void> accept_from(std::shared_ptr<Listening> listening);
  void close_unwanted(const std::vector<ListenOn>& wanted);
  void turn();
  net::Task<void> end_when_drained();
  void accept(net::Accepted accepted, const std::shared_ptr<const net::TlsContext>& tls);
  void refuse(base::Descriptor socket, gateway::Limit limit, gateway::Security security);

  WorkerHooks hooks_;
  net::EventLoop loop_;
  gateway::WorkerState state_;
  net::TaskGroup sessions_;
  net::TaskGroup accepting_;
  net::TaskGroup chores_;
  Listeners listeners_;
  Listeners opened_;  // not accepting yet; the control thread's
  std::atomic<std::int64_t> last_turn_ns_{0};
  std::atomic<bool> has_ended_{false};
  base::SteadyTime next_sweep_;
  base::SteadyTime next_handshake_failure_told_;
  std::uint64_t untold_handshake_failures_ = 0;
  base::SteadyTime refusal_told_at_;  // to the log
  std::thread thread_;
};

}  // namespace spillway::daemon
