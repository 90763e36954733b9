#pragma once
// Again or not, in one place (behaviour §5): a pure function of what happened and how far it got.

#include <spillway/base/time.hpp>
#include <spillway/routing/outcome.hpp>

#include <cstdint>

namespace spillway::routing {

enum class Decision : std::uint8_t {
  deliver,                     // this answer goes to the caller
  try_next,                    // another member, at once
  give_up,                     // no more attempts: the caller gets our own answer (behaviour §7)
  repeat_on_fresh_connection,  // a reused connection was closed before any byte: once, same backend
  repeat_with_new_token,       // our token was refused: once, same backend, if another comes soon
  repeat_after_pause,          // the owner does not know yet what it made a moment ago: once
};

/// Whether the request names something that only one backend knows (behaviour §2.4).
enum class Ownership : std::uint8_t {
  none,         // nothing is named
  unknown,      // something is, and nobody remembers where it is: it is searched for
  known,        // its owner alone may answer
  just_learnt,  // so it is, and it may be younger than the owner's own copies
};

struct Progress {
  unsigned attempts = 0;  // done so far, this one included
  unsigned max_attempts = 3;
  bool has_committed = false;  // a byte of the answer went to the caller
  bool is_replayable = true;   // the body is held in memory, or was not sent
  bool is_creating = false;    // the call creates something lasting on the backend
  bool was_connection_reused = false;
  bool was_answer_begun = false;  // at least one byte of an answer was read
  bool has_repeated = false;      // the free retry was used
  bool has_time_left = true;      // of `timeouts.total`
  bool has_budget = true;         // of `retry.budget`
  bool has_other_member = true;   // not known for sure: Pool::has_another()
  bool has_renewed_token = true;  // the forced refresh was made, or there is nothing to refresh
  Ownership ownership = Ownership::none;
  bool has_paused = false;  // repeat_after_pause was used
  /// Of a search: somebody who might know the id could not be asked, or did not answer.
  bool is_search_incomplete = false;
};

/// How long repeat_after_pause waits.
inline constexpr base::Duration kReplicationPause = std::chrono::milliseconds(250);
/// For how long after it was learnt an id counts as just learnt.
inline constexpr base::Duration kReplicationLag = std::chrono::seconds(10);

/// The answer of a backend is delivered where the request itself may not move (it creates
/// something, or its body is gone) and where the budget is used up: that is more honest than a 503
/// of ours. Not so a 429 and an answer whose Retry-After is longer than this: SDKs would obey it
/// (behaviour §7).
inline constexpr base::Duration kLongestDelayPassedOn = std::chrono::minutes(2);

/// The table is in docs/failover.md. What uses up no attempt: see uses_attempt().
Decision decide(const Outcome& outcome, const Progress& progress);

/// Whether an outcome counts towards `max_attempts`. Not so where nothing was sent for want of a
/// token, and not a step of a search: all members may be asked for an id that nobody remembers.
bool uses_attempt(const Outcome& outcome, Ownership ownership);

}  // namespace spillway::routing
