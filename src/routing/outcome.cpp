#include <spillway/routing/outcome.hpp>
#include <spillway/routing/retry_after.hpp>

namespace spillway::routing {

std::string_view name_of(DelaySource source) {
  switch (source) {
    case DelaySource::none:
      return "none";
    case DelaySource::retry_after_ms:
      return "retry-after-ms";
    case DelaySource::x_ms_retry_after_ms:
      return "x-ms-retry-after-ms";
    case DelaySource::retry_after:
      return "retry-after";
    case DelaySource::ratelimit_reset_requests:
      return "x-ratelimit-reset-requests";
    case DelaySource::ratelimit_reset_tokens:
      return "x-ratelimit-reset-tokens";
    case DelaySource::trip_duration:
      return "trip_duration";
  }
  return "unknown";
}

std::string_view name_of(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::success:
      return "success";
    case OutcomeKind::caller_error:
      return "caller_error";
    case OutcomeKind::throttled:
      return "throttled";
    case OutcomeKind::fault:
      return "fault";
    case OutcomeKind::credential_refused:
      return "credential_refused";
    case OutcomeKind::deployment_missing:
      return "deployment_missing";
    case OutcomeKind::no_credential:
      return "no_credential";
    case OutcomeKind::cancelled:
      return "cancelled";
  }
  return "unknown";
}

OutcomeKind classify_status(unsigned status, bool is_own_credential, bool is_deployment_missing) {
  if (status >= 100 && status < 400) return OutcomeKind::success;
  if (status < 100 || status >= 500) return OutcomeKind::fault;
  switch (status) {
    case 401:
    case 403:
      return is_own_credential ? OutcomeKind::credential_refused : OutcomeKind::caller_error;
    case 404:
      return is_deployment_missing ? OutcomeKind::deployment_missing : OutcomeKind::caller_error;
    case 408:
    case 429:
      return OutcomeKind::throttled;
    default:
      return OutcomeKind::caller_error;
  }
}

Outcome outcome_of_answer(unsigned status, base::FieldView headers, base::WallTime now,
                          bool is_own_credential, bool is_deployment_missing) {
  Outcome outcome;
  outcome.kind = classify_status(status, is_own_credential, is_deployment_missing);
  outcome.status = status;
  if (outcome.kind != OutcomeKind::success) outcome.delay = parse_retry_after(headers, now);
  return outcome;
}

Outcome outcome_of_fault(base::Fault fault) {
  Outcome outcome;
  outcome.fault = fault;
  switch (fault) {
    case base::Fault::no_capacity:
    case base::Fault::dns_failed:
    case base::Fault::connect_failed:
    case base::Fault::tls_failed:
    case base::Fault::upstream_closed:
    case base::Fault::upstream_malformed:
    case base::Fault::timed_out:
      outcome.kind = OutcomeKind::fault;
      break;
    case base::Fault::unauthorized:
      outcome.kind = OutcomeKind::no_credential;
      break;
    // The caller's doing, or ours: neither is news about the backend.
    case base::Fault::client_gone:
    case base::Fault::bad_request:
    case base::Fault::too_large:
    case base::Fault::no_route:
    case base::Fault::shutting_down:
    case base::Fault::internal:
      outcome.kind = OutcomeKind::cancelled;
      break;
  }
  return outcome;
}

bool proves_not_accepted(const Outcome& outcome) {
  if (outcome.status != 0 || !outcome.fault) return false;
  switch (*outcome.fault) {
    case base::Fault::no_capacity:
    case base::Fault::dns_failed:
    case base::Fault::connect_failed:
    case base::Fault::tls_failed:
      return true;
    default:
      return false;
  }
}

bool is_connect_failure(const Outcome& outcome) {
  return proves_not_accepted(outcome) && outcome.fault != base::Fault::no_capacity;
}

}  // namespace spillway::routing
