#pragma once
// What an answer's headers say of the room its deployment has left: x-ratelimit-* of Standard
// deployments, azure-openai-deployment-utilization of provisioned ones. Read by the gateway, and
// weighed by routing's headroom balance. When to come back is another question, answered by
// routing/retry_after.

#include <spillway/base/field.hpp>

#include <cstdint>
#include <optional>

namespace spillway::aoai {

/// Each as far as the headers say: -1 (seen on Azure), garbage and absent are nothing. Of a field
/// that comes more than once, the first value that parses.
struct RateLimits {
  std::optional<std::uint64_t> remaining_tokens;    // of the deployment's tokens per minute
  std::optional<std::uint64_t> limit_tokens;        // may be lower than configured
  std::optional<std::uint64_t> remaining_requests;  // of a window of its own: not per minute
  std::optional<std::uint64_t> limit_requests;
  std::optional<double> utilization;  // 0.884 for 88.4 %; short bursts go above 1
};

RateLimits read_rate_limits(base::FieldView headers);

/// The share of room left, 0 (none) to 1: the least of what tokens, requests and utilization say.
/// Nothing where none of them says it: a remainder without its limit is no share.
std::optional<double> room_left(const RateLimits& limits);

}  // namespace spillway::aoai
