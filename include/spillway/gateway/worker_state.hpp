#pragma once
// What the sessions of one worker share. Touched only on that worker's thread, but for `process`.

#include <spillway/aoai/known_paths.hpp>
#include <spillway/base/random.hpp>
#include <spillway/base/split_sum.hpp>
#include <spillway/base/wall_clock.hpp>
#include <spillway/gateway/process_state.hpp>
#include <spillway/gateway/snapshot.hpp>
#include <spillway/gateway/waiting_clients.hpp>
#include <spillway/http/date.hpp>
#include <spillway/net/deadline.hpp>
#include <spillway/net/task.hpp>
#include <spillway/telemetry/access_record.hpp>
#include <spillway/upstream/connection_pool.hpp>
#include <spillway/upstream/exchange.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

namespace spillway::gateway {

class Session;
class Tunnel;

/// What a drain does with connections that wait for their next request.
enum class IdleClients : std::uint8_t {
  close,  // at once
  await,  // they end with their next answer, or after a moment's silence: that request is not lost
};

struct WorkerState {
  WorkerState(net::Executor run_on, const net::Resolver& names, ProcessState& shared,
              std::uint64_t seed)
      : executor(std::move(run_on)),
        wheel(base::SteadyClock::now()),
        transport{executor, wheel, names, connections},
        random(seed),
        process(shared),
        requests_in_flight(shared.requests_in_flight.new_part()),
        requests_total(shared.requests_total.new_part()),
        waiting(wheel, process.limit_hits) {}
  WorkerState(const WorkerState&) = delete;
  WorkerState& operator=(const WorkerState&) = delete;

  net::Executor executor;
  net::DeadlineWheel wheel;
  upstream::ConnectionPool connections;
  upstream::Transport transport;
  base::Random random;
  aoai::KnownPaths paths;
  base::WallClock wall_clock;
  http::DateOfNow date;
  ProcessState& process;
  base::SplitSum::Part& requests_in_flight;  // of the process, this worker's part
  base::SplitSum::Part& requests_total;
  std::shared_ptr<const Snapshot> snapshot;
  /// Where access records go; empty: nowhere.
  std::function<void(const telemetry::AccessRecord&)> on_access;
  /// Told when a breaker opens or closes.
  std::function<void(const routing::Transition&)> on_transition;
  /// Told when the TLS handshake with a caller failed: his address and why. Empty: nobody is.
  std::function<void(const std::string& peer, const base::Error&)> on_handshake_failure;
  WaitingClients waiting;  // all other connections are of a session, or handshakes
  std::unordered_set<Session*> sessions;
  std::unordered_set<Tunnel*> tunnels;          // of those sessions
  std::unordered_set<net::Stream*> handshakes;  // TLS connections that are no sessions yet
  unsigned turning_away = 0;  // connections that are being told that there is no place
  bool is_draining = false;
  IdleClients idle_clients = IdleClients::close;  // while draining
};

}  // namespace spillway::gateway
