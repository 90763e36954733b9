#include <spillway/routing/pool.hpp>

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace spillway::routing {
namespace {

// Balancing works in hundredths of a weight, so that slow_start can give less than one.
std::uint32_t effective_weight(unsigned weight, const BackendState* state, base::SteadyTime now) {
  const unsigned percent = state == nullptr ? 100 : state->weight_percent(now);
  return std::max(weight * percent, 1U);
}

bool contains(std::span<const std::size_t> tried, std::size_t member) {
  return std::find(tried.begin(), tried.end(), member) != tried.end();
}

void note_out(Exhausted& exhausted, const BreakerView& view, base::SteadyTime now) {
  switch (view.trip.reason) {
    case TripReason::throttle:
      ++exhausted.out.throttled;
      break;
    case TripReason::credential:
      ++exhausted.out.refusing;
      break;
    case TripReason::missing:
      ++exhausted.out.missing;
      break;
    case TripReason::faults:
    case TripReason::none:
      ++exhausted.out.faulty;
      break;
  }
  // Half-open and out all the same: its trial is under way, and will tell soon.
  const base::SteadyTime back = view.until.value_or(now + std::chrono::seconds(1));
  exhausted.soonest = std::min(exhausted.soonest.value_or(back), back);
}

}  // namespace

// Candidates for the balancer, and beside each what to lease. Room for a usual group without
// allocating.
struct Pool::Contenders {
  static constexpr std::size_t kUsual = 8;

  boost::container::small_vector<Candidate, kUsual> candidates;
  boost::container::small_vector<Serving, kUsual> serving;

  void erase(std::size_t position) {
    const auto offset = static_cast<std::ptrdiff_t>(position);
    candidates.erase(candidates.begin() + offset);
    serving.erase(serving.begin() + offset);
  }
};

struct Pool::Drawn {
  Candidate candidate;
  Serving serving;
};

Pool::Pool(const config::Configuration& configuration, const config::Pool& configured,
           BackendStates& states)
    : configured_(&configured),
      states_(&states),
      retry_budget_(std::make_unique<RetryBudget>(configured.retry.budget_percent)) {
  add_members(configuration);
  make_groups();
}

void Pool::add_members(const config::Configuration& configuration) {
  for (const config::Member& member : configured_->members) {
    const auto found = std::find_if(
        configuration.backends.begin(), configuration.backends.end(),
        [&](const config::Backend& backend) { return backend.name == member.backend; });
    if (found == configuration.backends.end()) continue;  // config::load refuses this
    members_.push_back({static_cast<std::size_t>(found - configuration.backends.begin()), &*found,
                        member.priority, std::max(member.weight, 1U)});
    Runtime runtime;
    runtime.backend = states_->backend(found->name);
    runtime.unnamed = runtime.backend->configured_deployment({});
    runtime.serves_any = found->deployments.empty();
    runtime.identity = identity_of(found->name);
    for (const auto& [asked, name] : found->deployments) {
      runtime.renames = runtime.renames || asked != name;
      runtime.mapped.emplace(asked, Served{name, runtime.backend->configured_deployment(name)});
    }
    runtimes_.push_back(std::move(runtime));
  }
}

void Pool::make_groups() {
  for (std::size_t i = 0; i < members_.size(); ++i)
    by_priority_.push_back(i);
  const auto priority_at = [&](std::size_t place) {
    return members_[by_priority_[place]].priority;
  };
  std::sort(by_priority_.begin(), by_priority_.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(members_[a].priority, a) < std::pair(members_[b].priority, b);
  });
  for (std::size_t first = 0; first < by_priority_.size();) {
    std::size_t end = first + 1;
    while (end < by_priority_.size() && priority_at(end) == priority_at(first))
      ++end;
    groups_.push_back(std::make_unique<Group>(first, end - first));
    for (std::size_t place = first; place < end; ++place)
      groups_.back()->by_weight.add(members_[by_priority_[place]].weight);
    first = end;
  }
}

// Nothing if the member does not serve it, or another backend is asked for.
std::optional<Pool::Serving> Pool::serve(const Runtime& member, const Demand& demand) const {
  if (!demand.backend.empty() && member.backend->name() != demand.backend) return std::nullopt;
  if (demand.is_deployment_unread && member.renames) return std::nullopt;
  if (demand.deployment.empty()) return Serving{{}, member.unnamed};
  if (member.serves_any) {
    return Serving{demand.deployment, member.backend->find_deployment(demand.deployment)};
  }
  const auto found = member.mapped.find(demand.deployment);
  if (found == member.mapped.end()) return std::nullopt;
  return Serving{found->second.name, found->second.state};
}

bool Pool::would_admit(const Runtime& member, const BackendState* state,
                       base::SteadyTime now) const {
  return state == nullptr ? member.backend->breaker().would_admit(now) : state->would_admit(now);
}

Candidate Pool::candidate(std::size_t member, std::size_t place, const BackendState* state,
                          base::SteadyTime now) const {
  Candidate candidate;
  candidate.member = place;
  candidate.weight = effective_weight(members_[member].weight, state, now);
  candidate.identity = runtimes_[member].identity;
  if (state == nullptr) return candidate;
  candidate.in_flight = state->in_flight();
  if (configured_->balance == config::Balance::headroom) candidate.room = state->room(now);
  return candidate;
}

void Pool::collect(const Group& group, const Question& question, Contenders& found) const {
  for (std::size_t place = 0; place < group.size; ++place) {
    const std::size_t index = by_priority_[group.first + place];
    if (contains(question.tried, index)) continue;
    auto serving = serve(runtimes_[index], question.demand);
    if (!serving || !would_admit(runtimes_[index], serving->state.get(), question.now)) continue;
    found.candidates.push_back(candidate(index, place, serving->state.get(), question.now));
    found.serving.push_back(std::move(*serving));
  }
}

std::size_t Pool::pick(Group& group, const Contenders& found, const Demand& demand,
                       std::uint64_t random) const {
  const std::span<const Candidate> candidates(found.candidates.data(), found.candidates.size());
  if (demand.affinity) return pick_by_affinity(candidates, *demand.affinity);
  switch (configured_->balance) {
    case config::Balance::random:
      return pick_random(candidates, random);
    case config::Balance::round_robin:
      return group.round_robin.pick(candidates, demand.deployment);
    case config::Balance::headroom:
      return pick_headroom(candidates, random);
    case config::Balance::least_requests:
      break;
  }
  return pick_least_requests(candidates, random);
}

// Nothing if the breaker is not willing any more: another thread may have taken the trial.
std::optional<Choice> Pool::choose(std::size_t member, Serving& serving,
                                   const Question& question) const {
  if (!serving.state) {
    const std::string_view deployment = question.demand.deployment;
    serving.state = runtimes_[member].backend->deployment(deployment, question.now);
  }
  auto lease = Lease::acquire(std::move(serving.state), configured_->circuit_breaker, question.now);
  if (!lease) return std::nullopt;
  return Choice{member, std::string(serving.name), std::move(*lease)};
}

// Looking at each member of a large group would cost more than all the rest of a request. Drawing
// among all, and again if the one drawn cannot take the request, comes to the same as drawing among
// those who can; and a turn that cannot be taken is best shared by all, not given to the next.
bool Pool::may_sample(const Group& group, const Demand& demand) const {
  return group.size > Contenders::kUsual && configured_->balance != config::Balance::headroom &&
         !demand.affinity && demand.backend.empty();
}

std::size_t Pool::take_turn(Group& group, const Question& question) const {
  const std::size_t which = std::hash<std::string_view>()(question.demand.deployment);
  auto& turn = group.turns[which % group.turns.size()];
  return group.by_weight.turn(turn.fetch_add(1, std::memory_order_relaxed));
}

// Nothing if the usual number of draws did not find one.
std::optional<Pool::Drawn> Pool::draw(Group& group, const Question& question, base::Random& random,
                                      const Drawn* excluded) const {
  constexpr unsigned kDraws = 8;
  for (unsigned i = 0; i < kDraws; ++i) {
    const bool is_by_turn = i == 0 && configured_->balance == config::Balance::round_robin;
    const std::size_t place =
        is_by_turn ? take_turn(group, question) : group.by_weight.draw(random);
    const std::size_t member = by_priority_[group.first + place];
    if (excluded != nullptr && excluded->candidate.member == place) continue;
    if (contains(question.tried, member)) continue;
    auto serving = serve(runtimes_[member], question.demand);
    if (!serving) continue;
    const BackendState* state = serving->state.get();
    if (!would_admit(runtimes_[member], state, question.now)) continue;
    // Who recovers has a part of its weight: it is refused in proportion.
    if (state != nullptr && random.below(100) >= state->weight_percent(question.now)) continue;
    return Drawn{candidate(member, place, state, question.now), std::move(*serving)};
  }
  return std::nullopt;
}

std::optional<Choice> Pool::sample(Group& group, const Question& question,
                                   std::uint64_t random) const {
  base::Random source(random);
  auto drawn = draw(group, question, source, nullptr);
  if (!drawn) return std::nullopt;
  if (configured_->balance == config::Balance::least_requests) {
    auto second = draw(group, question, source, &*drawn);
    if (!second) return std::nullopt;
    if (is_second_less_loaded(drawn->candidate, second->candidate)) drawn = std::move(second);
  }
  const std::size_t member = by_priority_[group.first + drawn->candidate.member];
  return choose(member, drawn->serving, question);
}

std::optional<Choice> Pool::select(const Demand& demand, std::span<const std::size_t> tried,
                                   base::SteadyTime now, std::uint64_t random) {
  const Question question{demand, tried, now};
  for (const auto& group : groups_) {
    if (may_sample(*group, demand)) {
      if (auto choice = sample(*group, question, random)) return choice;
    }
    Contenders found;
    collect(*group, question, found);
    while (!found.candidates.empty()) {
      const std::size_t picked = pick(*group, found, demand, random);
      const std::size_t member = by_priority_[group->first + found.candidates[picked].member];
      if (auto choice = choose(member, found.serving[picked], question)) return choice;
      found.erase(picked);
    }
  }
  return std::nullopt;
}

bool Pool::has_another(const Demand& demand, std::span<const std::size_t> tried,
                       base::SteadyTime now) const {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (contains(tried, i)) continue;
    const auto serving = serve(runtimes_[i], demand);
    if (serving && would_admit(runtimes_[i], serving->state.get(), now)) return true;
  }
  return false;
}

Exhausted Pool::explain(const Demand& demand, base::SteadyTime now,
                        std::span<const std::size_t> tried) const {
  Exhausted exhausted;
  exhausted.is_known_deployment = false;
  bool is_all_throttled = true;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const auto serving = serve(runtimes_[i], demand);
    if (!serving) continue;
    exhausted.is_known_deployment = true;
    const BreakerView view =
        serving->state ? serving->state->view(now) : runtimes_[i].backend->breaker().view(now);
    if (view.trip.reason != TripReason::throttle) is_all_throttled = false;
    const bool is_tried = contains(tried, i);
    if (!would_admit(runtimes_[i], serving->state.get(), now)) {
      const Exhausted::Out before = exhausted.out;
      note_out(exhausted, view, now);
      if (is_tried) exhausted.out = before;  // its outcome says why
    } else if (!is_tried) {
      exhausted.has_usable = true;
      exhausted.soonest = now;
    }
  }
  exhausted.all_throttled = exhausted.is_known_deployment && is_all_throttled;
  return exhausted;
}

bool Pool::has_usable_member(base::SteadyTime now) const {
  return std::any_of(runtimes_.begin(), runtimes_.end(), [&](const Runtime& member) {
    return member.backend->breaker().would_admit(now) && has_usable_deployment(member, now);
  });
}

// A member that serves any deployment is judged by those that were asked for.
bool Pool::has_usable_deployment(const Runtime& member, base::SteadyTime now) {
  if (!member.serves_any) {
    return std::any_of(member.mapped.begin(), member.mapped.end(),
                       [&](const auto& item) { return item.second.state->would_admit(now); });
  }
  bool is_any_named = false;
  for (const auto& state : member.backend->deployments()) {
    if (state->deployment().empty()) continue;
    if (state->would_admit(now)) return true;
    is_any_named = true;
  }
  return !is_any_named;
}

}  // namespace spillway::routing
