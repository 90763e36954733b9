#include <spillway/gateway/pace.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace spillway::gateway {

using base::Duration;

namespace {

// The time for which so many bytes are enough. In doubles: a product of bytes and a rate in
// nanoseconds would overflow.
Duration earned(std::uint64_t bytes, std::uint64_t rate) {
  using Seconds = std::chrono::duration<double>;
  constexpr double most = 1e9;  // thirty years
  const double seconds = static_cast<double>(bytes) / static_cast<double>(rate);
  return std::chrono::duration_cast<Duration>(Seconds(std::min(seconds, most)));
}

}  // namespace

Patience patience_with_body(const config::Limits& limits, const BodyProgress& progress) {
  Patience least = {limits.body_timeout, Limit::body_timeout};
  const auto consider = [&least](Duration left, Limit limit) {
    left = std::max(left, Duration::zero());
    if (left < least.time) least = {left, limit};
  };
  if (limits.min_body_rate > 0) {
    const Duration paid = earned(progress.received, limits.min_body_rate);
    consider(std::max(limits.rate_grace, paid) - progress.waited, Limit::min_body_rate);
  }
  if (limits.max_body_time > Duration::zero()) {
    consider(limits.max_body_time - progress.since_the_head, Limit::max_body_time);
  }
  return least;
}

void WritePace::block(base::SteadyTime now, std::uint64_t unsent) {
  taken_ = written_ - static_cast<std::int64_t>(unsent);
  counted_until_ = progress_at_ = now;
}

void WritePace::advance(base::SteadyTime now, std::uint64_t unsent) {
  blocked_ += now - counted_until_;
  unlooked_ += now - counted_until_;
  counted_until_ = now;
  const std::int64_t taken = written_ - static_cast<std::int64_t>(unsent);
  if (taken <= taken_) return;
  taken_blocked_ += taken - taken_;
  taken_ = taken;
  progress_at_ = now;
  has_progressed_ = true;
}

// A pause is write_timeout's affair, and only progress is measured: else no client could pause for
// longer than the grace.
std::optional<Limit> WritePace::look(const config::Limits& limits, base::SteadyTime now,
                                     std::uint64_t unsent) {
  advance(now, unsent);
  unlooked_ = Duration::zero();
  if (!std::exchange(has_progressed_, false)) {
    if (now - progress_at_ >= limits.write_timeout) return Limit::write_timeout;
    return std::nullopt;
  }
  const bool is_judged = limits.min_write_rate > 0 && blocked_ > limits.rate_grace;
  if (!is_judged) return std::nullopt;
  const auto taken = static_cast<std::uint64_t>(taken_blocked_);
  if (earned(taken, limits.min_write_rate) >= blocked_) return std::nullopt;
  return Limit::min_write_rate;
}

}  // namespace spillway::gateway
