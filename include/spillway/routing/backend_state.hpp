#pragma once
// What is known of one (backend, deployment): breaker, requests in flight, room left; and of each
// backend as a whole. Process-wide, kept across reloads by name, bounded. All of it may be used
// from any thread; locks are held for well under a microsecond (longer for a name that is new), and
// not at all while breakers are closed and count failures only.

#include <spillway/aoai/rate_limit_headers.hpp>
#include <spillway/base/published.hpp>
#include <spillway/base/time.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/routing/circuit_breaker.hpp>
#include <spillway/routing/headroom.hpp>
#include <spillway/routing/outcome.hpp>
#include <spillway/routing/status.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::routing {

/// A CircuitBreaker that threads share. `is_closed_` shadows the breaker's state, is written under
/// the mutex and read without: a reader that sees it late lets one request more through, no harm.
class SharedBreaker {
 public:
  explicit SharedBreaker(CircuitBreaker::Scope scope) : breaker_(scope) {}

  [[nodiscard]] bool would_admit(base::SteadyTime now) const;
  Permit admit(base::SteadyTime now);
  void give_back(Permit& permit);
  std::optional<CircuitBreaker::Change> record(const Outcome& outcome, Permit& permit,
                                               const config::CircuitBreaker& rules, Telling telling,
                                               base::SteadyTime now);
  [[nodiscard]] BreakerView view(base::SteadyTime now) const;

  /// The share of its weight it should carry, in percent (1 to 100): less than 100 only for
  /// slow_start after it closed.
  [[nodiscard]] unsigned weight_percent(base::SteadyTime now) const;

 private:
  void publish();  // the shadows; under the mutex

  mutable std::mutex mutex_;
  CircuitBreaker breaker_;
  std::atomic<bool> is_closed_ = true;
  std::atomic<std::int64_t> recovered_at_ns_ = 0;
  std::atomic<std::int64_t> slow_start_ns_ = 0;
};

/// Whether a backend can be reached at all: what its deployments have in common.
struct Reachability {
  explicit Reachability(std::string name) : backend(std::move(name)) {}

  const std::string backend;
  SharedBreaker breaker{CircuitBreaker::Scope::backend};
};

/// One deployment on one backend.
class BackendState {
 public:
  BackendState(std::shared_ptr<Reachability> reachability, std::string deployment)
      : reachability_(std::move(reachability)), deployment_(std::move(deployment)) {}

  [[nodiscard]] const std::string& deployment() const { return deployment_; }
  [[nodiscard]] unsigned in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool would_admit(base::SteadyTime now) const;
  [[nodiscard]] unsigned weight_percent(base::SteadyTime now) const;
  /// What its answers say of the room it has left, 0 to Headroom::kFull.
  [[nodiscard]] std::uint32_t room(base::SteadyTime now) const { return headroom_.at(now); }
  /// Its own breaker's, or the backend's where that one keeps requests away for longer.
  [[nodiscard]] BreakerView view(base::SteadyTime now) const;

 private:
  friend class Lease;
  friend class Backend;

  std::shared_ptr<Reachability> reachability_;
  const std::string deployment_;
  SharedBreaker breaker_{CircuitBreaker::Scope::deployment};
  std::atomic<unsigned> in_flight_ = 0;
  Headroom headroom_;
  std::atomic<std::int64_t> last_used_ns_ = 0;
};

/// One backend at run time: whether it can be reached at all, and its deployments.
class Backend {
 public:
  /// Deployments that callers named on a backend that serves any: beyond this many the ones unused
  /// for a while make room, and if there are none, the newcomers share one state.
  static constexpr std::size_t kMaxUnconfigured = 256;
  static constexpr base::Duration kIdleBeforeForgotten = std::chrono::minutes(10);
  static constexpr std::string_view kSharedDeployment = "(others)";

  explicit Backend(std::string name)
      : reachability_(std::make_shared<Reachability>(std::move(name))) {}

  [[nodiscard]] const std::string& name() const { return reachability_->backend; }
  [[nodiscard]] const SharedBreaker& breaker() const { return reachability_->breaker; }

  /// The state of a deployment that the configuration names: made if need be, kept for good.
  std::shared_ptr<BackendState> configured_deployment(std::string_view deployment);
  /// The state of a deployment that a caller named: made if need be, within the bound.
  std::shared_ptr<BackendState> deployment(std::string_view deployment, base::SteadyTime now);
  /// Nothing if nobody asked for it yet: then it is closed and idle.
  [[nodiscard]] std::shared_ptr<BackendState> find_deployment(std::string_view deployment) const;

  [[nodiscard]] std::vector<std::shared_ptr<BackendState>> deployments() const;
  [[nodiscard]] BackendStatus status(base::SteadyTime now) const;

 private:
  struct Entry {
    std::shared_ptr<BackendState> state;
    bool is_configured = false;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  using States = std::map<std::string, std::shared_ptr<BackendState>, std::less<>>;

  Entry& make_entry(std::string_view deployment);
  void forget_idle(base::SteadyTime now);
  void publish();

  const std::shared_ptr<Reachability> reachability_;
  std::mutex mutex_;  // of what follows, but for what is published
  Entries entries_;
  std::size_t unconfigured_ = 0;
  base::SteadyTime last_sweep_;
  base::Published<States> states_;  // those of the entries; asked for every request
};

/// All backends by name. Outlives every pool and lease.
class BackendStates {
 public:
  /// The backend of that name: made if need be, kept across reloads.
  std::shared_ptr<Backend> backend(std::string_view name);

  /// Forgets backends that are no longer configured. Requests still on them keep what they hold.
  void retain(std::span<const config::Backend> configured);

  /// Every backend in the order of names.
  [[nodiscard]] std::vector<BackendStatus> snapshot(base::SteadyTime now) const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::shared_ptr<Backend>, std::less<>> backends_;
};

/// See Choice. Move-only. Used on one thread at a time.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();

  /// Nothing if the breaker of the deployment or of the backend says no. `rules` (the pool's) must
  /// outlive the lease.
  static std::optional<Lease> acquire(std::shared_ptr<BackendState> state,
                                      const config::CircuitBreaker& rules, base::SteadyTime now);

  /// Teaches the breaker what came of the attempt. May be called again when a fault follows a
  /// success (a stream that breaks after its head). The request stays in flight until release().
  /// Returns what opened or closed by it, to be logged: mostly nothing, at most two. A free repeat
  /// on a fresh connection is not recorded: a stale connection is no news.
  std::vector<Transition> record(const Outcome& outcome, base::SteadyTime now);

  /// Notes what the headers of an answer say of the room that is left; no news changes nothing. To
  /// be called once the head is there, whatever its status.
  void learn_headroom(const aoai::RateLimits& limits, base::SteadyTime now);

  /// The request no longer runs. An unrecorded lease gives its half-open trial back.
  void release();

  /// Whether this is the one request let through to see if the backend is back.
  [[nodiscard]] bool is_trial() const { return backend_permit_.is_trial() || permit_.is_trial(); }
  [[nodiscard]] explicit operator bool() const { return state_ != nullptr; }

 private:
  std::shared_ptr<BackendState> state_;
  const config::CircuitBreaker* rules_ = nullptr;
  Permit backend_permit_;
  Permit permit_;
  Telling telling_ = Telling::first;
};

}  // namespace spillway::routing
