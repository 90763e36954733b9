#include <spillway/routing/backend_state.hpp>

#include <utility>

namespace spillway::routing {
namespace {

Transition to_transition(const CircuitBreaker::Change& change, std::string_view backend,
                         std::string_view deployment) {
  return {std::string(backend), std::string(deployment), change.from, change.to, change.trip,
          change.until};
}

}  // namespace

Lease::Lease(Lease&& other) noexcept
    : state_(std::exchange(other.state_, nullptr)),
      rules_(other.rules_),
      backend_permit_(other.backend_permit_),
      permit_(other.permit_),
      telling_(other.telling_) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  release();
  state_ = std::exchange(other.state_, nullptr);
  rules_ = other.rules_;
  backend_permit_ = other.backend_permit_;
  permit_ = other.permit_;
  telling_ = other.telling_;
  return *this;
}

Lease::~Lease() {
  release();
}

std::optional<Lease> Lease::acquire(std::shared_ptr<BackendState> state,
                                    const config::CircuitBreaker& rules, base::SteadyTime now) {
  Lease lease;
  SharedBreaker& whole = state->reachability_->breaker;
  lease.backend_permit_ = whole.admit(now);
  if (!lease.backend_permit_.is_granted()) return std::nullopt;
  lease.permit_ = state->breaker_.admit(now);
  if (!lease.permit_.is_granted()) {
    whole.give_back(lease.backend_permit_);
    return std::nullopt;
  }
  state->in_flight_.fetch_add(1, std::memory_order_relaxed);
  state->last_used_ns_.store(base::Duration(now.time_since_epoch()).count(),
                             std::memory_order_relaxed);
  lease.rules_ = &rules;
  lease.state_ = std::move(state);
  return lease;
}

std::vector<Transition> Lease::record(const Outcome& outcome, base::SteadyTime now) {
  std::vector<Transition> transitions;
  if (!state_) return transitions;
  Reachability& whole = *state_->reachability_;
  if (const auto change = whole.breaker.record(outcome, backend_permit_, *rules_, telling_, now)) {
    transitions.push_back(to_transition(*change, whole.backend, kAllDeployments));
  }
  if (const auto change = state_->breaker_.record(outcome, permit_, *rules_, telling_, now)) {
    transitions.push_back(to_transition(*change, whole.backend, state_->deployment()));
  }
  telling_ = Telling::again;
  return transitions;
}

void Lease::learn_headroom(const aoai::RateLimits& limits, base::SteadyTime now) {
  const auto room = aoai::room_left(limits);
  if (state_ && room) state_->headroom_.learn(*room, now);
}

void Lease::release() {
  if (!state_) return;
  state_->reachability_->breaker.give_back(backend_permit_);
  state_->breaker_.give_back(permit_);
  state_->in_flight_.fetch_sub(1, std::memory_order_relaxed);
  state_.reset();
}

}  // namespace spillway::routing
