#include <spillway/base/random.hpp>
#include <spillway/routing/balancer.hpp>

#include <functional>

namespace spillway::routing {
namespace {

constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

// By weight among all but `excluded`.
std::size_t draw(std::span<const Candidate> candidates, std::size_t excluded,
                 base::Random& random) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i != excluded) total += candidates[i].weight;
  }
  std::uint64_t ticket = random.below(total);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i == excluded) continue;
    if (ticket < candidates[i].weight) return i;
    ticket -= candidates[i].weight;
  }
  return 0;
}

bool is_less_loaded(const Candidate& a, const Candidate& b) {
  return std::uint64_t{a.in_flight} * b.weight < std::uint64_t{b.in_flight} * a.weight;
}

}  // namespace

std::size_t pick_random(std::span<const Candidate> candidates, std::uint64_t random) {
  base::Random source(random);
  return draw(candidates, kNobody, source);
}

std::size_t pick_least_requests(std::span<const Candidate> candidates, std::uint64_t random) {
  if (candidates.size() == 1) return 0;
  base::Random source(random);
  const std::size_t first = draw(candidates, kNobody, source);
  const std::size_t second = draw(candidates, first, source);
  return is_less_loaded(candidates[second], candidates[first]) ? second : first;
}

RoundRobin::RoundRobin(std::size_t member_count) {
  for (Turn& turn : turns_)
    turn.owed.resize(member_count);
}

std::size_t RoundRobin::pick(std::span<const Candidate> candidates, std::string_view deployment) {
  Turn& turn = turns_[std::hash<std::string_view>{}(deployment) % kTurns];
  const std::lock_guard lock(turn.mutex);
  std::int64_t total = 0;
  std::size_t best = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    total += candidates[i].weight;
    turn.owed[candidates[i].member] += candidates[i].weight;
    if (turn.owed[candidates[i].member] > turn.owed[candidates[best].member]) best = i;
  }
  turn.owed[candidates[best].member] -= total;
  return best;
}

}  // namespace spillway::routing
