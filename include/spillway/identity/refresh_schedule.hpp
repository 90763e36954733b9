#pragma once
// When one credential's token is to be fetched (behaviour §9, §10), and how it stands. Decides
// only: somebody else fetches and reports. Time and jitter are arguments. Not thread-safe: one
// owner, the refresher.

#include <spillway/base/time.hpp>
#include <spillway/identity/credential_source.hpp>
#include <spillway/identity/fetch_failure.hpp>
#include <spillway/identity/token.hpp>

#include <optional>
#include <string>

namespace spillway::identity {

/// When a token should be replaced: at its refresh_at; else, living longer than two hours, at half
/// of its life; else five minutes before its end. Never later than five minutes before its end,
/// nor, where that would be the first half, than half of its life. `jitter` in [0, 1) makes it up
/// to 10 % earlier, so that a fleet does not ask at once. At least a second from when it was
/// obtained.
base::SteadyTime refresh_time(const Token& token, double jitter);

/// How long to wait after the n-th failure in a row (from 1): 1 s doubling to 60 s where it is the
/// moment; 10 s, seven times, then 60 s while IMDS restarts; a minute where a clock is wrong; five
/// minutes where somebody has to change something. At least what Retry-After says, of which at most
/// five minutes are believed. `jitter` in [0, 1) makes it up to 25 % shorter, but never shorter
/// than Retry-After.
base::Duration backoff(unsigned failures, const FetchFailure& failure, double jitter);

/// What a failure is to whoever reads the log.
enum class News : std::uint8_t {
  first,  // or another reason than the last one's
  again,  // the same, once more
};

class RefreshSchedule {
 public:
  /// The first fetch is due at once.
  explicit RefreshSchedule(base::SteadyTime now) : next_fetch_(now) {}

  /// Not before this; meaningless between note_began and what ends it.
  [[nodiscard]] base::SteadyTime next_fetch() const { return next_fetch_; }

  void note_began() { is_fetching_ = true; }
  void note_token(const Token& token, double jitter);
  News note_failure(const FetchFailure& failure, base::SteadyTime now, double jitter);
  /// A backend refused the token: fetch a new one now, but not within ten seconds of the last one
  /// (metadata services hand out the same again), nor sooner than a back-off allows.
  void note_refused(base::SteadyTime now);

  /// refreshing: there is no token yet, or a fetch is on its way; failing: the last fetch failed,
  /// whether or not an older token still serves.
  [[nodiscard]] CredentialStatus status() const;
  [[nodiscard]] unsigned failures_in_a_row() const { return failures_; }
  /// Whether the newest token, if there is one, still serves.
  [[nodiscard]] bool has_token(base::SteadyTime now) const {
    return expires_at_ && now < *expires_at_;
  }

 private:
  base::SteadyTime next_fetch_;
  std::optional<base::SteadyTime> obtained_at_;
  std::optional<base::SteadyTime> expires_at_;
  std::string last_error_;
  std::string last_reason_;
  unsigned failures_ = 0;
  bool is_fetching_ = false;
};

}  // namespace spillway::identity
