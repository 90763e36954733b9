#pragma once
// The truthful answer when nothing is left (behaviour §7 and §10): status, code, Retry-After.

#include <spillway/base/time.hpp>
#include <spillway/routing/outcome.hpp>
#include <spillway/routing/pool.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace spillway::routing {

struct Exhaustion {
  unsigned status = 503;  // 404, 429, 502, 503 or 504
  std::string_view code;  // spillway_pool_throttled, spillway_pool_unavailable, …
  std::string message;    // names the pool and the deployment
  std::optional<base::Duration> retry_after;
  bool should_not_retry = false;  // x-should-retry: false
};

/// For the Retry-After field: whole seconds, rounded up, and one more, so that nobody comes early.
std::uint64_t retry_after_seconds(base::Duration retry_after);
/// For the retry-after-ms field: rounded up, at least 1 (0 would mean "no idea" to some SDKs).
std::uint64_t retry_after_milliseconds(base::Duration retry_after);

/// `outcomes`: of the attempts made for this request, in order; empty: nobody was called.
Exhaustion describe_exhaustion(std::string_view pool, std::string_view deployment,
                               std::span<const Outcome> outcomes, const Exhausted& exhausted,
                               base::SteadyTime now);

}  // namespace spillway::routing
