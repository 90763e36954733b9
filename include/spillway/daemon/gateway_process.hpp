#pragma once
// The running daemon: binds, starts workers, does the control thread's chores (signals, admin port,
// tokens) and ends them in order. `spillway serve` is this; integration tests run it in process.

#include <spillway/admin/admin_server.hpp>
#include <spillway/admin/status_report.hpp>
#include <spillway/base/clock.hpp>
#include <spillway/base/result.hpp>
#include <spillway/daemon/affinity_store.hpp>
#include <spillway/daemon/file_watch.hpp>
#include <spillway/daemon/hand_over.hpp>
#include <spillway/daemon/inherited_sockets.hpp>
#include <spillway/daemon/listeners.hpp>
#include <spillway/daemon/predecessor.hpp>
#include <spillway/daemon/refreshers.hpp>
#include <spillway/daemon/service_notify.hpp>
#include <spillway/daemon/worker.hpp>
#include <spillway/net/resolver.hpp>
#include <spillway/net/task_group.hpp>
#include <spillway/telemetry/log_line.hpp>

#include <boost/asio/signal_set.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::daemon {

/// Something worth a line in the log.
struct Event {
  telemetry::LogLevel level = telemetry::LogLevel::info;
  std::string_view name;
  std::vector<std::pair<std::string_view, std::string>> fields;
};

enum class Start : std::uint8_t {
  alone,
  take_over,  // from the gateway at server.upgrade_socket, if there is one
};

/// What the process tells, from any thread, and what it goes by.
struct GatewayHooks {
  std::function<void(const telemetry::AccessRecord&)> on_access;
  std::function<void(const Event&)> on_event;
  std::function<void()> on_ready;  // traffic is accepted from here on
  /// By which tokens expire and are renewed; null: the system's. Outlives the process.
  const base::Clock* clock = nullptr;
  /// Bytes of memory held, looked at once a second (limits.max_memory); empty: the system is asked.
  std::function<std::optional<std::uint64_t>()> memory_in_use;
  /// Reads the configuration again, its files checked; the error says all that is wrong. Called on
  /// the thread of run(). Empty: there is no reload.
  std::function<base::Result<config::Configuration>()> load;
  /// A reload took effect.
  std::function<void(const config::Configuration&)> on_reload;
  /// SIGUSR1, and a reload: log files have been renamed.
  std::function<void()> on_reopen;
  /// Looked at once a second: a change is a reload. Those that the configuration names are too.
  std::string config_file;
  ServiceNotify service;
  InheritedSockets sockets;  // of the service manager
  Start start = Start::alone;
};

class GatewayProcess {
 public:
  GatewayProcess(config::Configuration configuration, identity::Environment environment,
                 GatewayHooks hooks);
  ~GatewayProcess();
  GatewayProcess(const GatewayProcess&) = delete;
  GatewayProcess& operator=(const GatewayProcess&) = delete;

  /// Binds every address (or takes the socket that is there for it) and reads every certificate;
  /// nothing runs yet. The error names the address or file.
  base::Result<void> prepare();
  /// Ends on SIGTERM, SIGINT and SIGQUIT by draining, and on a second one at once. Before run().
  void handle_signals();
  /// Serves until request_stop(), a signal or a successor, and the drain after it. Error: it never
  /// served, because it could not take over.
  base::Result<void> run();
  /// Begins to drain; a second call cuts what is left. Any thread, while run() runs.
  void request_stop();
  /// As SIGHUP. What is wrong changes nothing; the log tells how it ended. Any thread, while run()
  /// runs.
  void request_reload();

  /// "http://127.0.0.1:8080" for each listener, in the order of the file, with real ports.
  [[nodiscard]] std::vector<std::string> listener_urls() const { return listeners_.urls(); }
  [[nodiscard]] const std::string& admin_url() const { return admin_url_; }
  [[nodiscard]] const gateway::ProcessState& process() const { return process_; }

 private:
  base::Result<void> read_proxies();
  base::Result<void> open_affinity_store();
  base::Result<void> prepare_admin();
  base::Result<base::Descriptor> open_admin(const config::Address& address);
  base::Result<void> find_predecessor();
  base::Result<void> prepare_hand_over();
  base::Result<void> check_sockets();
  net::Task<void> begin();
  net::Task<base::Result<void>> succeed();
  void serve();
  [[nodiscard]] HandOverActions hand_over_actions();
  void leave_to_successor();
  net::Task<void> feed_watchdog(base::Duration interval);
  [[nodiscard]] admin::StatusSources status_sources() const;
  [[nodiscard]] WorkerHooks worker_hooks();
  [[nodiscard]] const base::Clock& clock() const;
  [[nodiscard]] identity::FetchSurroundings fetch_surroundings();
  net::Task<void> watch_files();
  void watch_files_of(const config::Configuration& configuration);
  net::Task<void> reload();
  net::Task<void> reload_once();
  net::Task<void> take_new_configuration();
  [[nodiscard]] bool is_changing_hands() const;
  base::Result<std::shared_ptr<const gateway::Snapshot>> load_snapshot();
  void put_in_force(std::shared_ptr<const gateway::Snapshot> snapshot);
  void keep_old(const base::Error& problem);
  void tell_what_needs_a_restart(const config::Configuration& next) const;
  [[nodiscard]] admin::AdminAnswer answer_admin(std::string_view path) const;
  [[nodiscard]] bool do_workers_turn() const;
  [[nodiscard]] bool have_workers_ended() const;
  void judge_descriptors(const config::Limits& limits);
  net::Task<void> watch_memory();
  void judge_memory(std::uint64_t ceiling);
  net::Task<void> tick();
  net::Task<void> wait_for_signals();
  net::Task<void> drain();
  net::Task<void> tell_drain();
  net::Task<void> pause(base::Duration duration);
  void begin_stop();
  void begin_drain(gateway::IdleClients idle_clients);
  void cut();
  void tell(telemetry::LogLevel level, std::string_view name,
            std::vector<std::pair<std::string_view, std::string>> fields) const;

  identity::Environment environment_;
  upstream::ProxyRules proxies_;
  GatewayHooks hooks_;
  gateway::ProcessState process_;
  std::unique_ptr<AffinityStore> affinity_store_;  // ends after the workers; null: none configured
  routing::BackendStates states_;
  net::Resolver resolver_;
  config::Configuration configuration_;  // until prepare() makes a snapshot of it
  std::shared_ptr<const gateway::Snapshot> snapshot_;
  net::DeadlineWheel wheel_;
  net::asio::io_context context_{1};
  upstream::ConnectionPool connections_;
  upstream::Transport transport_;
  net::TaskGroup tasks_;
  net::asio::signal_set signals_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Refreshers> refreshers_;
  std::unique_ptr<admin::AdminServer> admin_;
  Listeners listeners_;
  std::optional<Predecessor> predecessor_;
  std::unique_ptr<HandOver> hand_over_;  // null: no server.upgrade_socket
  base::Result<void> outcome_;           // of run()
  FileWatch files_;
  std::string last_config_error_;
  bool is_reloading_ = false;
  bool is_reload_due_ = false;  // asked for while one was under way
  std::string admin_url_;
  int admin_descriptor_ = -1;  // the admin server's, until a drain
  bool is_serving_ = false;
  bool has_successor_ = false;
  unsigned stop_requests_ = 0;
};

}  // namespace spillway::daemon
