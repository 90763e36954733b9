#pragma once
// A pool at run time: who may serve a request now (priority groups, breakers, balancing), and who is
// next. Built from the configuration; immutable but for the BackendStates it points to, which are
// shared between workers and outlive it.

#include <spillway/base/time.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/routing/backend_state.hpp>
#include <spillway/routing/outcome.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::routing {

struct PoolMember {
  std::size_t backend = 0;  // index into Configuration::backends
  const config::Backend* configured = nullptr;
  unsigned priority = 1;
  unsigned weight = 1;
};

/// What is asked of a pool. Views are valid for the call only.
struct Demand {
  std::string_view deployment;  // as the caller named it; empty: none named, any member will do
};

/// A permission to call one member; counts as in flight until it is settled or destroyed (a
/// destroyed, unsettled lease counts as cancelled). Movable; used on one worker.
struct Choice {
  std::size_t member = 0;           // index into Pool::members()
  std::string upstream_deployment;  // what this backend calls it
  Lease lease;
};

/// Why nobody can be chosen.
struct Exhausted {
  bool is_known_deployment = true;  // false: no member serves it at all
  /// The soonest time a member that could serve comes back; nothing if not known.
  std::optional<base::SteadyTime> soonest;
  bool all_throttled = false;     // every member that could serve is out for capacity
  bool all_without_credential = false;
};

class Pool {
 public:
  Pool(const config::Configuration& configuration, const config::Pool& configured,
       BackendStates& states);

  [[nodiscard]] const config::Pool& configured() const { return *configured_; }
  [[nodiscard]] std::span<const PoolMember> members() const { return members_; }

  /// The next member to try: lowest priority number first, not one of `tried` (indices into
  /// members()), breaker willing, by the pool's balance. Any thread. `random` is uniform in 64 bits.
  [[nodiscard]] std::optional<Choice> select(const Demand& demand,
                                             std::span<const std::size_t> tried,
                                             base::SteadyTime now, std::uint64_t random);

  /// What to tell the caller when select() has nobody (behaviour §7).
  [[nodiscard]] Exhausted explain(const Demand& demand, base::SteadyTime now) const;

  /// Whether some member could take a request now; for /readyz.
  [[nodiscard]] bool has_usable_member(base::SteadyTime now) const;

 private:
  const config::Pool* configured_;
  BackendStates* states_;
  std::vector<PoolMember> members_;
  // Implementation state (groups, round-robin positions) is the module's own.
};

}  // namespace spillway::routing
