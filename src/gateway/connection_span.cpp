#include <spillway/gateway/connection_span.hpp>

namespace spillway::gateway {

base::Duration jittered(base::Duration most, std::uint64_t random) {
  constexpr std::int64_t steps = 1024;
  const auto step = static_cast<std::int64_t>(random % steps);
  return most - most / (10 * steps) * step;
}

std::optional<Limit> ConnectionSpan::begin_request(const config::Limits& limits,
                                                   base::SteadyTime now) {
  ++requests_;
  const unsigned most = limits.max_requests_per_connection;
  if (most > 0 && requests_ >= most) return Limit::max_requests_per_connection;
  const base::Duration age = limits.max_connection_age;
  if (age > base::Duration::zero() && now - opened_ >= jittered(age, random_)) {
    return Limit::max_connection_age;
  }
  return std::nullopt;
}

}  // namespace spillway::gateway
