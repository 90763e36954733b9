#pragma once
// Faults by chance, for chaos tests: for each request one of a list, or none. Pure and seeded: the
// n-th draw is the same each time.

#include "simulator/fault.hpp"
#include <spillway/base/random.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::simulator {

struct Chaos {
  std::uint64_t seed = 1;
  /// How many of a thousand requests get a fault.
  std::uint32_t per_mille = 0;
  /// As in parse_fault, e.g. `429 retry-after-ms=20`. None that act on the listener.
  std::vector<std::string> kinds;
};

/// `{"seed":1,"per_mille":300,"kinds":["503","reset_mid_stream"]}`; a kind may also be an object.
/// Throws std::invalid_argument.
Chaos parse_chaos(std::string_view json);

class ChaosSource {
 public:
  /// Throws std::invalid_argument on a bad kind.
  explicit ChaosSource(const Chaos& chaos);

  std::optional<Fault> draw();

 private:
  std::vector<Fault> faults_;
  std::uint32_t per_mille_;
  base::Random random_;
};

}  // namespace spillway::simulator
