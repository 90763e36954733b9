#include <spillway/routing/lottery.hpp>

#include <algorithm>
#include <numeric>

namespace spillway::routing {

void Lottery::add(std::uint32_t weight) {
  ends_.push_back((ends_.empty() ? 0 : ends_.back()) + weight);
  // The golden section puts each turn into the largest gap that those before it left.
  const std::uint64_t tickets = ends_.back();
  stride_ = tickets / 1000 * 618 + tickets % 1000 * 618 / 1000 + 1;
  while (std::gcd(stride_, tickets) != 1)
    ++stride_;
}

std::size_t Lottery::draw(base::Random& random) const {
  return who_has(random.below(ends_.back()));
}

std::size_t Lottery::turn(std::uint64_t n) const {
  const std::uint64_t tickets = ends_.back();
  return who_has(n % tickets * stride_ % tickets);
}

std::size_t Lottery::who_has(std::uint64_t ticket) const {
  const auto found = std::upper_bound(ends_.begin(), ends_.end(), ticket);
  return static_cast<std::size_t>(found - ends_.begin());
}

}  // namespace spillway::routing
