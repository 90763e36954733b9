#pragma once
// Which of several equally preferred members is next (behaviour §2.3). Nothing here knows breakers
// or priorities: who is a candidate has been decided.

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
};

/// By weight. `random` is uniform in 64 bits.
std::size_t pick_random(std::span<const Candidate> candidates, std::uint64_t random);

/// Weighted power of two choices: two different candidates by weight, then the one with fewer
/// requests in flight for its weight; on a tie the first drawn, so that idle members share by
/// weight.
std::size_t pick_least_requests(std::span<const Candidate> candidates, std::uint64_t random);

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
