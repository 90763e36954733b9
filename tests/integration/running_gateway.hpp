#pragma once
// The whole gateway in this process, on free ports, for one test: started from YAML text as the
// daemon would, stopped and checked for survived defects at the end.

#include <spillway/daemon/gateway_process.hpp>
#include <spillway/telemetry/access_record.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace spillway::integration {

using Environment = std::map<std::string, std::string>;
/// What a test adds to the usual hooks.
using Adjust = std::function<void(daemon::GatewayHooks&)>;

/// What keeps a gateway with this configuration from starting; empty: nothing.
std::string start_problem(const std::string& yaml);

/// Whether the condition came true within ten seconds; asked again and again.
bool eventually(const std::function<bool()>& condition);

class RunningGateway {
 public:
  /// `yaml` names port 0 for its listeners. Fails the test if it does not load or start. `clock`:
  /// by which tokens expire; null: the system's.
  explicit RunningGateway(const std::string& yaml, Environment environment = {},
                          const base::Clock* clock = nullptr, const Adjust& adjust = {});
  ~RunningGateway();
  RunningGateway(const RunningGateway&) = delete;
  RunningGateway& operator=(const RunningGateway&) = delete;

  [[nodiscard]] std::uint16_t port(std::size_t listener = 0) const;
  [[nodiscard]] std::uint16_t admin_port() const;

  /// Blocks until so many requests have settled; fails the test after ten seconds. In the order in
  /// which they came.
  std::vector<telemetry::AccessRecord> wait_for_records(std::size_t count);
  /// Blocks until so many events of this name were told to the log; fails the test after ten
  /// seconds.
  void wait_for_event(std::string_view name, std::size_t count = 1);
  /// What was told to the log, in order.
  [[nodiscard]] std::vector<daemon::Event> events();
  /// Blocks until /readyz answers 200; fails the test after ten seconds.
  void wait_until_ready() const;

  /// What a reload will find in the configuration's file. Any thread.
  void rewrite(const std::string& yaml);
  /// rewrite(), a reload, and the wait for its end. Whether it took effect.
  bool reload(const std::string& yaml);

  [[nodiscard]] const gateway::ProcessState& process() const { return process_->process(); }
  void request_stop() { process_->request_stop(); }
  /// Blocks until run() has returned.
  void join();
  [[nodiscard]] bool has_ended() const { return has_ended_.load(); }

 private:
  base::Result<config::Configuration> load_again(const Environment& environment);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<telemetry::AccessRecord> records_;
  std::vector<daemon::Event> events_;
  std::string yaml_;
  bool is_ready_ = false;
  std::atomic<bool> has_ended_{false};
  std::unique_ptr<daemon::GatewayProcess> process_;
  std::thread thread_;
};

}  // namespace spillway::integration
