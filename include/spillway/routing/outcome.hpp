#pragma once
// What one attempt on one backend came to, in the words of behaviour §3, and what that means for
// breaker, retry and blame.

#include <spillway/base/error.hpp>
#include <spillway/base/field.hpp>
#include <spillway/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace spillway::routing {

/// Where the time to stay away came from; shown in /status and log.
enum class DelaySource : std::uint8_t {
  none,
  retry_after_ms,
  x_ms_retry_after_ms,
  retry_after,
  ratelimit_reset_requests,
  ratelimit_reset_tokens,
  trip_duration,  // the configured default
};
std::string_view name_of(DelaySource source);

struct Delay {
  base::Duration duration{};
  DelaySource source = DelaySource::none;
};

enum class OutcomeKind : std::uint8_t {
  success,             // 2xx, 3xx
  caller_error,        // 400, 404, 409, 413, 415, 422, … : delivered as it is
  throttled,           // 429, 408
  fault,               // 500-599, or no answer at all
  credential_refused,  // 401, 403 with the gateway's own credential
  deployment_missing,  // 404 DeploymentNotFound for a mapped deployment
  no_credential,       // we had no token to send; nothing was sent
  cancelled,           // the caller went away: teaches nothing
};
std::string_view name_of(OutcomeKind kind);

struct Outcome {
  OutcomeKind kind = OutcomeKind::cancelled;
  unsigned status = 0;               // 0: no answer
  std::optional<base::Fault> fault;  // set if there was no (whole) answer
  Delay delay;                       // parsed from the answer's headers; none if absent
  /// The answer says that it does not know an id: 404, or 400 with a code that ends in
  /// `_not_found`.
  bool is_unknown_id = false;
  /// The status was named by an error event in a stream that began with 200 (behaviour §5).
  bool is_in_stream = false;
};

/// How an answered status is classed. `is_deployment_missing`: the body names DeploymentNotFound
/// and the deployment is one that the configuration maps.
OutcomeKind classify_status(unsigned status, bool is_own_credential, bool is_deployment_missing);

/// The outcome of an answer whose head is known.
Outcome outcome_of_answer(unsigned status, base::FieldView headers, base::WallTime now,
                          bool is_own_credential, bool is_deployment_missing);

/// The outcome of an attempt that failed before (or after) a head. After a head, set `status` to
/// that of the head as well. A connect that timed out is connect_failed: timed_out is kept for
/// waits that began when the request may have reached the backend.
Outcome outcome_of_fault(base::Fault fault);

/// Nothing of the request can have reached the backend: DNS, connect, TLS, or a bound of ours.
bool proves_not_accepted(const Outcome& outcome);

/// DNS, connect or TLS failed: news about the backend as a whole, not about one deployment.
bool is_connect_failure(const Outcome& outcome);

}  // namespace spillway::routing
