#pragma once
// What a breaker has to say of itself, in plain structs: for /status, and for the log line when one
// opens or closes. Times are steady; whoever shows them converts.

#include <spillway/base/error.hpp>
#include <spillway/base/time.hpp>
#include <spillway/routing/outcome.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::routing {

enum class BreakerState : std::uint8_t { closed, open, half_open };
/// As in /status: closed, open, half_open.
std::string_view name_of(BreakerState state);

enum class TripReason : std::uint8_t {
  none,        // never opened, or closed again
  throttle,    // capacity
  faults,      // sickness
  credential,  // refused our credential
  missing,     // does not have the deployment
};
std::string_view name_of(TripReason reason);

/// Why a breaker opened: the rule, and the answer or failure that was the last straw.
struct Trip {
  TripReason reason = TripReason::none;
  unsigned status = 0;
  std::optional<base::Fault> fault;
  DelaySource source = DelaySource::none;  // of the open time
};

/// `throttle: 429`, `faults: connect_failed`, `credential: 401`; empty for none.
std::string describe(const Trip& trip);

struct BreakerView {
  BreakerState state = BreakerState::closed;
  Trip trip;                              // none when closed
  std::optional<base::SteadyTime> since;  // of the state; nothing if closed from the start
  std::optional<base::SteadyTime> until;  // open: when it turns half-open
};

/// A breaker opened or closed. (Open to half-open happens by the clock alone and is not told.)
struct Transition {
  std::string backend;
  std::string deployment;  // as the backend calls it; kAllDeployments for the backend as a whole
  BreakerState from = BreakerState::closed;
  BreakerState to = BreakerState::closed;
  Trip trip;  // why it opened; on closing, why it had been open
  std::optional<base::SteadyTime> until;
};

inline constexpr std::string_view kAllDeployments = "*";

struct DeploymentStatus {
  std::string name;     // as the backend calls it; empty: the calls that name no deployment
  BreakerView breaker;  // the backend's as a whole where that one is the longer open
  unsigned in_flight = 0;
};

struct BackendStatus {
  std::string name;
  BreakerView breaker;     // of the backend as a whole
  unsigned in_flight = 0;  // over all deployments
  std::vector<DeploymentStatus> deployments;
};

}  // namespace spillway::routing
