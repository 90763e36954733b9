#include <spillway/routing/headroom.hpp>

#include <algorithm>
#include <cmath>

namespace spillway::routing {
namespace {

constexpr unsigned kUsedBits = 16;
constexpr std::uint64_t kUsedMask = (1ULL << kUsedBits) - 1;

std::uint64_t milliseconds_at(base::SteadyTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

}  // namespace

void Headroom::learn(double room, base::SteadyTime now) {
  const double used = 1 - std::clamp(room, 0.0, 1.0);
  const auto share = static_cast<std::uint64_t>(std::lround(used * static_cast<double>(kUsedMask)));
  news_.store((milliseconds_at(now) << kUsedBits) | share, std::memory_order_relaxed);
}

std::uint32_t Headroom::at(base::SteadyTime now) const {
  const std::uint64_t news = news_.load(std::memory_order_relaxed);
  if ((news & kUsedMask) == 0) return kFull;
  using Milliseconds = std::chrono::duration<double, std::milli>;
  constexpr double half_life = Milliseconds(kHalfLife).count();
  const auto age = static_cast<std::int64_t>(milliseconds_at(now) - (news >> kUsedBits));
  // Another worker's reading of the clock may be the later one.
  const double half_lives = static_cast<double>(std::max<std::int64_t>(age, 0)) / half_life;
  const double used = static_cast<double>(news & kUsedMask) / static_cast<double>(kUsedMask) *
                      std::exp2(-half_lives);
  return static_cast<std::uint32_t>(std::lround((1 - used) * kFull));
}

}  // namespace spillway::routing
