#pragma once
// When one tenant's keys are to be fetched, and how that stands (docs/identity-callers.md,
// Rollover). Decides only: somebody else fetches and reports. Time and jitter are arguments. Not
// thread-safe: one owner, the key refresher.

#include <spillway/base/time.hpp>
#include <spillway/identity/entra_keys.hpp>

#include <optional>
#include <string>

namespace spillway::identity {

inline constexpr base::Duration kKeyRefresh = std::chrono::hours(1);
inline constexpr base::Duration kUnknownKeyPause = std::chrono::minutes(5);
inline constexpr base::Duration kKeysGoodFor = std::chrono::hours(24);

/// How long to wait after the n-th failure in a row (from 1): 1 s doubling to 5 minutes. `jitter`
/// in [0, 1) makes it up to 25 % shorter.
base::Duration key_backoff(unsigned failures, double jitter);

class KeySchedule {
 public:
  /// The first fetch is due at once.
  explicit KeySchedule(base::SteadyTime now) : next_fetch_(now) {}

  /// Not before this; meaningless between note_began and what ends it.
  [[nodiscard]] base::SteadyTime next_fetch() const { return next_fetch_; }

  void note_began() { is_fetching_ = true; }
  /// The next one is an hour after `now`; `jitter` in [0, 1) makes it up to 10 % earlier.
  void note_fetched(base::SteadyTime now, double jitter);
  /// Some of it could not be fetched; next_fetch() is a back-off later.
  void note_failure(std::string description, base::SteadyTime now, double jitter);
  /// A token names a key that is not there: fetch now, but not within five minutes of the last
  /// fetch that had this reason, nor sooner than a back-off allows.
  void note_unknown_key(base::SteadyTime now);

  [[nodiscard]] EntraKeysStatus::State state() const;
  [[nodiscard]] const std::string& last_error() const { return last_error_; }
  [[nodiscard]] unsigned failures_in_a_row() const { return failures_; }

 private:
  base::SteadyTime next_fetch_;
  std::optional<base::SteadyTime> last_unknown_key_;
  std::string last_error_;
  unsigned failures_ = 0;
  bool is_fetching_ = false;
  bool was_fetched_ = false;
};

/// Whether keys fetched then are too old to be believed without a newer look: the issuer may have
/// withdrawn one since (kKeysGoodFor).
bool are_keys_stale(base::SteadyTime fetched_at, base::SteadyTime now);

}  // namespace spillway::identity
