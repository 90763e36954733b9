#include <spillway/base/random.hpp>
#include <spillway/routing/balancer.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

namespace spillway::routing {
namespace {

constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

// Bounded load (Mirrokni, Thorup, Zadimoghaddam 2016): 5/4 of the fair share.
constexpr std::uint64_t kLoadFactor = 5;
constexpr std::uint64_t kLoadDivisor = 4;
constexpr std::uint64_t kNeverOverload = 2;

/// What a candidate's share is measured by.
using Measure = std::uint64_t (*)(const Candidate&);

std::uint64_t by_weight(const Candidate& candidate) {
  return candidate.weight;
}

std::uint64_t by_weight_and_room(const Candidate& candidate) {
  return std::uint64_t{candidate.weight} * std::max(candidate.room, 1U);
}

std::uint64_t sum_of(std::span<const Candidate> candidates, Measure measure) {
  std::uint64_t sum = 0;
  for (const Candidate& candidate : candidates)
    sum += measure(candidate);
  return sum;
}

// In proportion to the measure, among all but `excluded`.
std::size_t draw(std::span<const Candidate> candidates, Measure measure, std::size_t excluded,
                 base::Random& random) {
  std::uint64_t total = sum_of(candidates, measure);
  if (excluded != kNobody) total -= measure(candidates[excluded]);
  std::uint64_t ticket = random.below(total);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i == excluded) continue;
    const std::uint64_t share = measure(candidates[i]);
    if (ticket < share) return i;
    ticket -= share;
  }
  return 0;
}

bool is_less_loaded(const Candidate& a, const Candidate& b, Measure measure) {
  if (a.in_flight == 0 && b.in_flight == 0) return false;
  return (2 * std::uint64_t{a.in_flight} + 1) * measure(b) <
         (2 * std::uint64_t{b.in_flight} + 1) * measure(a);
}

std::size_t pick_of_two(std::span<const Candidate> candidates, Measure measure,
                        std::uint64_t random) {
  if (candidates.size() == 1) return 0;
  base::Random source(random);
  const std::size_t first = draw(candidates, measure, kNobody, source);
  const std::size_t second = draw(candidates, measure, first, source);
  return is_less_loaded(candidates[second], candidates[first], measure) ? second : first;
}

// Weight / -ln(u), u uniform in (0, 1): the greatest is each candidate with a probability in
// proportion to its weight.
double rank_of(const Candidate& candidate, std::uint64_t affinity) {
  const std::uint64_t mixed = base::Random(affinity).next() ^ candidate.identity;
  const std::uint64_t bits = base::Random(mixed).next() >> 11U;
  const double uniform = (static_cast<double>(bits) + 0.5) * 0x1p-53;
  return candidate.weight / -std::log(uniform);
}

}  // namespace

std::size_t pick_random(std::span<const Candidate> candidates, std::uint64_t random) {
  base::Random source(random);
  return draw(candidates, by_weight, kNobody, source);
}

std::size_t pick_least_requests(std::span<const Candidate> candidates, std::uint64_t random) {
  return pick_of_two(candidates, by_weight, random);
}

bool is_second_less_loaded(const Candidate& first, const Candidate& second) {
  return is_less_loaded(second, first, by_weight);
}

std::size_t pick_headroom(std::span<const Candidate> candidates, std::uint64_t random) {
  return pick_of_two(candidates, by_weight_and_room, random);
}

// FNV-1a: std::hash may differ between builds, and gateways side by side should agree.
std::uint64_t identity_of(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : name) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

std::size_t pick_by_affinity(std::span<const Candidate> candidates, std::uint64_t affinity) {
  const std::uint64_t weights = sum_of(candidates, by_weight);
  std::uint64_t in_flight = 1;
  for (const Candidate& candidate : candidates)
    in_flight += candidate.in_flight;
  const auto is_overloaded = [&](const Candidate& candidate) {
    return candidate.in_flight > kNeverOverload && candidate.in_flight * weights * kLoadDivisor >
                                                       in_flight * candidate.weight * kLoadFactor;
  };
  // Never all of them: they would carry five quarters of what they carry together.
  std::size_t best = 0;
  double best_rank = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (is_overloaded(candidates[i])) continue;
    const double rank = rank_of(candidates[i], affinity);
    if (rank <= best_rank) continue;
    best = i;
    best_rank = rank;
  }
  return best;
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
