#include <spillway/routing/status.hpp>

namespace spillway::routing {

std::string_view name_of(BreakerState state) {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::half_open:
      return "half_open";
  }
  return "unknown";
}

std::string_view name_of(TripReason reason) {
  switch (reason) {
    case TripReason::none:
      return "none";
    case TripReason::throttle:
      return "throttle";
    case TripReason::faults:
      return "faults";
    case TripReason::credential:
      return "credential";
    case TripReason::missing:
      return "missing";
  }
  return "unknown";
}

std::string describe(const Trip& trip) {
  if (trip.reason == TripReason::none) return {};
  std::string text(name_of(trip.reason));
  text += ": ";
  if (trip.fault) {
    text += base::name_of(*trip.fault);
  } else {
    text += std::to_string(trip.status);
  }
  return text;
}

}  // namespace spillway::routing
