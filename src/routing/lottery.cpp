#include <spillway/routing/lottery.hpp>

#include <algorithm>

namespace spillway::routing {

void Lottery::add(std::uint32_t weight) {
  ends_.push_back((ends_.empty() ? 0 : ends_.back()) + weight);
}

std::size_t Lottery::draw(base::Random& random) const {
  const std::uint64_t ticket = random.below(ends_.back());
  const auto found = std::upper_bound(ends_.begin(), ends_.end(), ticket);
  return static_cast<std::size_t>(found - ends_.begin());
}

}  // namespace spillway::routing
