#include "shortened.hpp"
#include <spillway/identity/refresh_schedule.hpp>

#include <algorithm>

namespace spillway::identity {
namespace {

using base::Duration;
using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration kLongLife = hours(2);
constexpr Duration kBeforeTheEnd = minutes(5);
constexpr Duration kLeastBetweenFetches = std::chrono::seconds(1);
constexpr double kRefreshJitter = 0.10;

constexpr Duration kFirstBackoff = std::chrono::seconds(1);
constexpr Duration kMostBackoff = std::chrono::seconds(60);
constexpr Duration kRestartBackoff = std::chrono::seconds(10);
constexpr unsigned kRestartTries = 7;  // the 70 s that IMDS may take
constexpr Duration kSkewedBackoff = minutes(1);
constexpr Duration kLastingBackoff = minutes(5);
constexpr Duration kMostRetryAfter = minutes(5);
constexpr double kBackoffJitter = 0.25;

constexpr Duration kAfterRefusal = std::chrono::seconds(10);

Duration growing_backoff(unsigned failures) {
  Duration wait = kFirstBackoff;
  for (unsigned i = 1; i < failures && wait < kMostBackoff; ++i)
    wait *= 2;
  return std::min(wait, kMostBackoff);
}

Duration backoff_of(FailureKind kind, unsigned failures) {
  switch (kind) {
    case FailureKind::restarting:
      return failures <= kRestartTries ? kRestartBackoff : kMostBackoff;
    case FailureKind::skewed:
      return kSkewedBackoff;
    case FailureKind::lasting:
      return kLastingBackoff;
    case FailureKind::passing:
      break;
  }
  return growing_backoff(failures);
}

}  // namespace

base::SteadyTime refresh_time(const Token& token, double jitter) {
  const Duration life = token.expires_at - token.obtained_at;
  const Duration latest = std::max<Duration>(life - kBeforeTheEnd, life / 2);
  Duration wait = life > kLongLife ? life / 2 : latest;
  if (token.refresh_at) wait = std::min<Duration>(*token.refresh_at - token.obtained_at, latest);
  wait = std::max(shortened(wait, kRefreshJitter * jitter), kLeastBetweenFetches);
  return token.obtained_at + wait;
}

base::Duration backoff(unsigned failures, const FetchFailure& failure, double jitter) {
  const Duration wait = backoff_of(failure.kind, failures);
  const Duration asked = std::min(failure.retry_after.value_or(Duration(0)), kMostRetryAfter);
  return std::max(shortened(wait, kBackoffJitter * jitter), asked);
}

void RefreshSchedule::note_token(const Token& token, double jitter) {
  is_fetching_ = false;
  failures_ = 0;
  last_error_.clear();
  last_reason_.clear();
  obtained_at_ = token.obtained_at;
  expires_at_ = token.expires_at;
  next_fetch_ = refresh_time(token, jitter);
}

News RefreshSchedule::note_failure(const FetchFailure& failure, base::SteadyTime now,
                                   double jitter) {
  is_fetching_ = false;
  ++failures_;
  next_fetch_ = now + backoff(failures_, failure, jitter);
  last_error_ = failure.description;
  const bool is_new = failures_ == 1 || failure.reason != last_reason_;
  last_reason_ = failure.reason;
  return is_new ? News::first : News::again;
}

void RefreshSchedule::note_refused(base::SteadyTime now) {
  if (!obtained_at_ || failures_ != 0) return;
  const base::SteadyTime earliest = std::max(now, *obtained_at_ + kAfterRefusal);
  next_fetch_ = std::min(next_fetch_, earliest);
}

CredentialStatus RefreshSchedule::status() const {
  using State = CredentialStatus::State;
  CredentialStatus status;
  status.expires_at = expires_at_;
  status.last_error = last_error_;
  if (failures_ != 0) {
    status.state = State::failing;
  } else {
    status.state = is_fetching_ || !expires_at_ ? State::refreshing : State::ok;
  }
  return status;
}

}  // namespace spillway::identity
