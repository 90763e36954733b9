#pragma once
// Which of several equally preferred members is next (behaviour §2.3). Nothing here knows breakers
// or priorities: who is a candidate has been decided.

#include <spillway/routing/headroom.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

namespace spillway::routing {

/// A member that could take the request. All functions want at least one, and return an index into
/// the candidates.
struct Candidate {
  std::size_t member = 0;    // its place in the priority group
  std::uint32_t weight = 1;  // at least 1; any scale, the same for all
  std::uint32_t in_flight = 0;
  std::uint32_t room = Headroom::kFull;  // for pick_headroom
  std::uint64_t identity = 0;            // identity_of its name, for pick_by_affinity
};

/// By weight. `random` is uniform in 64 bits.
std::size_t pick_random(std::span<const Candidate> candidates, std::uint64_t random);

/// Weighted power of two choices: two different candidates by weight, then the one with fewer
/// requests in flight for its weight, each counted with half of the one to come (so that 10 to 1 is
/// 10 to 1 with few requests, too). On a tie, and where both are idle, the first drawn: idle
/// members share by weight.
std::size_t pick_least_requests(std::span<const Candidate> candidates, std::uint64_t random);

/// The second half of it, for two that were drawn elsewhere: whether the second is to have it.
bool is_second_less_loaded(const Candidate& first, const Candidate& second);

/// As pick_least_requests, each weight scaled by the room that is left. In proportion, and not all
/// to the roomiest: news is as old as an answer takes, and a herd would have filled it by then.
std::size_t pick_headroom(std::span<const Candidate> candidates, std::uint64_t random);

/// The same for a name in every process and version.
std::uint64_t identity_of(std::string_view name);

/// Weighted rendezvous hashing: each value of `affinity` ranks the candidates in an order of its
/// own, by identity and weight. Who comes or goes moves no value between others. The first in that
/// order who is not overloaded: more in flight than 2 and than 1.25 times its fair share by weight.
std::size_t pick_by_affinity(std::span<const Candidate> candidates, std::uint64_t affinity);

/// Smooth weighted round-robin: weights 3 and 1 give a a b a, not a a a b. Each deployment has its
/// own turn (several may share one), so that two deployments asked for in turns are each spread
/// over all members. Any thread.
class RoundRobin {
 public:
  explicit RoundRobin(std::size_t member_count);

  std::size_t pick(std::span<const Candidate> candidates, std::string_view deployment);

 private:
  static constexpr std::size_t kTurns = 16;

  struct Turn {
    std::mutex mutex;
    std::vector<std::int64_t> owed;  // by member: what it is owed in weight; sums up to zero
  };

  std::array<Turn, kTurns> turns_;
};

}  // namespace spillway::routing
