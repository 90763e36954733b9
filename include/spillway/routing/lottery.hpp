#pragma once
// Gives one of many in proportion to fixed weights, without looking at each: a ticket, and a search
// for who has it. Tickets are drawn at random, or go by turns.

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
  /// Whose turn the n-th is: in as many turns as there are tickets, from any turn on, each has its
  /// weight exactly, and its turns lie spread among the others'.
  [[nodiscard]] std::size_t turn(std::uint64_t n) const;

 private:
  [[nodiscard]] std::size_t who_has(std::uint64_t ticket) const;

  std::vector<std::uint64_t> ends_;  // place i has the tickets from ends_[i - 1] to ends_[i]
  std::uint64_t stride_ = 1;         // from turn to turn; shares no factor with the tickets
};

}  // namespace spillway::routing
