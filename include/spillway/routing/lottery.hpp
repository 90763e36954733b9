#pragma once
// Draws one of many in proportion to fixed weights, without looking at each: a ticket, and a search
// for who has it.

#include <spillway/base/random.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace spillway::routing {

class Lottery {
 public:
  /// Weights are at least 1.
  void add(std::uint32_t weight);

  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  /// The place of the one drawn, in the order of add(). There must be one.
  [[nodiscard]] std::size_t draw(base::Random& random) const;

 private:
  std::vector<std::uint64_t> ends_;  // place i has the tickets from ends_[i - 1] to ends_[i]
};

}  // namespace spillway::routing
