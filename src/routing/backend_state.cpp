#include <spillway/routing/backend_state.hpp>

#include <algorithm>
#include <utility>

namespace spillway::routing {
namespace {

std::int64_t ns_of(base::SteadyTime time) {
  return base::Duration(time.time_since_epoch()).count();
}

// A member that has just come back carries this share at first, so that it is used at all.
constexpr unsigned kFirstPercent = 10;

// When a breaker lets requests through again; the later of two keeps them away.
base::SteadyTime returns_at(const BreakerView& view, base::SteadyTime now) {
  switch (view.state) {
    case BreakerState::closed:
      return base::SteadyTime::min();
    case BreakerState::half_open:
      return now;
    case BreakerState::open:
      break;
  }
  return view.until.value_or(now);
}

const BreakerView& longer_away(const BreakerView& a, const BreakerView& b, base::SteadyTime now) {
  return returns_at(b, now) > returns_at(a, now) ? b : a;
}

}  // namespace

bool SharedBreaker::would_admit(base::SteadyTime now) const {
  if (is_closed_.load(std::memory_order_acquire)) return true;
  const std::lock_guard lock(mutex_);
  return breaker_.would_admit(now);
}

Permit SharedBreaker::admit(base::SteadyTime now) {
  if (is_closed_.load(std::memory_order_acquire)) return Permit::plain();
  const std::lock_guard lock(mutex_);
  return breaker_.admit(now);
}

void SharedBreaker::give_back(Permit& permit) {
  if (!permit.is_trial()) {
    permit = Permit();
    return;
  }
  const std::lock_guard lock(mutex_);
  breaker_.give_back(permit);
}

std::optional<CircuitBreaker::Change> SharedBreaker::record(const Outcome& outcome, Permit& permit,
                                                            const config::CircuitBreaker& rules,
                                                            Telling telling, base::SteadyTime now) {
  // A success teaches a closed breaker nothing unless shares of requests are counted.
  const bool counts_requests = rules.throttle.failure_condition.percentage != 0 ||
                               rules.faults.failure_condition.percentage != 0;
  if (outcome.kind == OutcomeKind::success && !counts_requests && !permit.is_trial()) {
    return std::nullopt;
  }
  const std::lock_guard lock(mutex_);
  auto change = breaker_.record(outcome, permit, rules, telling, now);
  if (change) publish();
  return change;
}

BreakerView SharedBreaker::view(base::SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  return breaker_.view(now);
}

unsigned SharedBreaker::weight_percent(base::SteadyTime now) const {
  const std::int64_t ramp = slow_start_ns_.load(std::memory_order_acquire);
  if (ramp <= 0) return 100;
  const std::int64_t age = ns_of(now) - recovered_at_ns_.load(std::memory_order_relaxed);
  if (age >= ramp) return 100;
  const double share = 100.0 * static_cast<double>(age) / static_cast<double>(ramp);
  return std::max(kFirstPercent, static_cast<unsigned>(std::max(share, 0.0)));
}

void SharedBreaker::publish() {
  recovered_at_ns_.store(ns_of(breaker_.recovery().since), std::memory_order_relaxed);
  slow_start_ns_.store(breaker_.recovery().slow_start.count(), std::memory_order_release);
  is_closed_.store(breaker_.is_closed(), std::memory_order_release);
}

bool BackendState::would_admit(base::SteadyTime now) const {
  return reachability_->breaker.would_admit(now) && breaker_.would_admit(now);
}

unsigned BackendState::weight_percent(base::SteadyTime now) const {
  return std::min(reachability_->breaker.weight_percent(now), breaker_.weight_percent(now));
}

BreakerView BackendState::view(base::SteadyTime now) const {
  const BreakerView own = breaker_.view(now);
  const BreakerView whole = reachability_->breaker.view(now);
  return longer_away(own, whole, now);
}

std::shared_ptr<BackendState> Backend::configured_deployment(std::string_view deployment) {
  const std::lock_guard lock(mutex_);
  Entry& entry = make_entry(deployment);
  if (!entry.is_configured) --unconfigured_;
  entry.is_configured = true;
  return entry.state;
}

std::shared_ptr<BackendState> Backend::deployment(std::string_view deployment,
                                                  base::SteadyTime now) {
  if (auto known = find_deployment(deployment)) return known;
  const std::lock_guard lock(mutex_);
  if (unconfigured_ >= kMaxUnconfigured && entries_.find(deployment) == entries_.end()) {
    forget_idle(now);
    if (unconfigured_ >= kMaxUnconfigured) deployment = kSharedDeployment;
  }
  return make_entry(deployment).state;
}

std::shared_ptr<BackendState> Backend::find_deployment(std::string_view deployment) const {
  const States* states = states_.look();
  if (states == nullptr) return nullptr;
  const auto found = states->find(deployment);
  return found == states->end() ? nullptr : found->second;
}

Backend::Entry& Backend::make_entry(std::string_view deployment) {
  const auto found = entries_.find(deployment);
  if (found != entries_.end()) return found->second;
  Entry entry{std::make_shared<BackendState>(reachability_, std::string(deployment)), false};
  ++unconfigured_;
  Entry& made = entries_.emplace(deployment, std::move(entry)).first->second;
  publish();
  return made;
}

// A copy for each new name: of a few, or of hundreds that somebody makes up, and then seldom.
void Backend::publish() {
  auto states = std::make_shared<States>();
  for (const auto& [name, entry] : entries_)
    states->emplace_hint(states->end(), name, entry.state);
  states_.set(std::move(states));
}

// Sweeps at most once a second: a flood of new names must not make every request walk the table.
void Backend::forget_idle(base::SteadyTime now) {
  if (now - last_sweep_ < std::chrono::seconds(1)) return;
  last_sweep_ = now;
  const auto is_forgettable = [&](const Entries::value_type& item) {
    const BackendState& state = *item.second.state;
    const std::int64_t idle_ns = ns_of(now) - state.last_used_ns_.load(std::memory_order_relaxed);
    return !item.second.is_configured && state.in_flight() == 0 &&
           idle_ns > kIdleBeforeForgotten.count() &&
           state.breaker_.view(now).state == BreakerState::closed;
  };
  const std::size_t forgotten = std::erase_if(entries_, is_forgettable);
  unconfigured_ -= forgotten;
  if (forgotten > 0) publish();
}

std::vector<std::shared_ptr<BackendState>> Backend::deployments() const {
  std::vector<std::shared_ptr<BackendState>> all;
  const auto states = states_.get();
  if (!states) return all;
  all.reserve(states->size());
  for (const auto& [name, state] : *states)
    all.push_back(state);
  return all;
}

BackendStatus Backend::status(base::SteadyTime now) const {
  BackendStatus status;
  status.name = name();
  status.breaker = breaker().view(now);
  for (const auto& state : deployments()) {
    status.in_flight += state->in_flight();
    const BreakerView own = state->breaker_.view(now);
    status.deployments.push_back(
        {state->deployment(), longer_away(own, status.breaker, now), state->in_flight()});
  }
  return status;
}

std::shared_ptr<Backend> BackendStates::backend(std::string_view name) {
  const std::unique_lock lock(mutex_);
  auto& backend = backends_[std::string(name)];
  if (!backend) backend = std::make_shared<Backend>(std::string(name));
  return backend;
}

void BackendStates::retain(std::span<const config::Backend> configured) {
  const std::unique_lock lock(mutex_);
  std::erase_if(backends_, [&](const auto& item) {
    return std::none_of(configured.begin(), configured.end(),
                        [&](const config::Backend& b) { return b.name == item.first; });
  });
}

std::vector<BackendStatus> BackendStates::snapshot(base::SteadyTime now) const {
  std::vector<std::shared_ptr<Backend>> backends;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [name, backend] : backends_)
      backends.push_back(backend);
  }
  std::vector<BackendStatus> all;
  all.reserve(backends.size());
  for (const auto& backend : backends)
    all.push_back(backend->status(now));
  return all;
}

}  // namespace spillway::routing
