#include <spillway/routing/retry_policy.hpp>

namespace spillway::routing {
namespace {

bool is_answer(const Outcome& outcome) {
  return outcome.status != 0 && !outcome.fault;
}

bool has_retry_after(const Outcome& outcome) {
  switch (outcome.delay.source) {
    case DelaySource::retry_after_ms:
    case DelaySource::x_ms_retry_after_ms:
    case DelaySource::retry_after:
      return true;
    default:
      return false;
  }
}

// A stale idle connection: the backend closed it before it saw the request. It is not proof, so a
// call that creates something does not get this.
bool earns_free_repeat(const Outcome& outcome, const Progress& progress) {
  return outcome.fault == base::Fault::upstream_closed && progress.was_connection_reused &&
         !progress.was_answer_begun && !progress.has_repeated && progress.is_replayable &&
         !progress.is_creating && progress.has_time_left;
}

// The backend says, or the failure shows, that nothing was created.
bool is_safe_for_creating(const Outcome& outcome) {
  switch (outcome.kind) {
    case OutcomeKind::no_credential:
    case OutcomeKind::credential_refused:
    case OutcomeKind::deployment_missing:
      return true;
    default:
      break;
  }
  if (is_answer(outcome)) return outcome.status == 429 || outcome.status == 503;
  return proves_not_accepted(outcome);
}

bool was_nothing_sent(const Outcome& outcome) {
  return outcome.kind == OutcomeKind::no_credential || proves_not_accepted(outcome);
}

bool is_owned(const Progress& progress) {
  return progress.ownership == Ownership::known || progress.ownership == Ownership::just_learnt;
}

// What one backend alone knows is nowhere else.
bool may_move(const Outcome& outcome, const Progress& progress) {
  if (is_owned(progress)) return false;
  if (!progress.is_replayable && !was_nothing_sent(outcome)) return false;
  return !progress.is_creating || is_safe_for_creating(outcome);
}

bool has_attempt_left(const Outcome& outcome, const Progress& progress) {
  if (!progress.has_time_left) return false;
  return !uses_attempt(outcome, progress.ownership) || progress.attempts < progress.max_attempts;
}

// The members are asked in order until one knows it. With somebody left who could not be asked, a
// 404 would be a guess, and a wrong one if just that backend has it.
Decision decide_search(const Progress& progress) {
  if (!progress.is_replayable) return Decision::deliver;
  if (progress.has_other_member && progress.has_time_left) return Decision::try_next;
  return progress.is_search_incomplete ? Decision::give_up : Decision::deliver;
}

// Conflicts that come with a time are the backend's own hurry, not the caller's mistake (behaviour
// §3).
Decision decide_caller_error(const Outcome& outcome, const Progress& progress) {
  if (outcome.is_unknown_id && progress.ownership == Ownership::unknown) {
    return decide_search(progress);
  }
  const bool is_lagging = outcome.is_unknown_id && progress.ownership == Ownership::just_learnt;
  if (is_lagging && !progress.has_paused && progress.is_replayable && progress.has_time_left) {
    return Decision::repeat_after_pause;
  }
  const bool is_worth_moving = outcome.status == 409 && has_retry_after(outcome) &&
                               may_move(outcome, progress) && has_attempt_left(outcome, progress) &&
                               progress.has_other_member;
  return is_worth_moving ? Decision::try_next : Decision::deliver;
}

// What the caller gets when the request stays where it failed.
Decision settle_in_place(const Outcome& outcome) {
  // An error inside a 200 would be taken for an answer (wire reference §5.5).
  const bool is_presentable =
      !outcome.is_in_stream && (outcome.kind == OutcomeKind::fault || outcome.status == 408);
  if (is_answer(outcome) && is_presentable && outcome.delay.duration <= kLongestDelayPassedOn) {
    return Decision::deliver;
  }
  return Decision::give_up;
}

// A refusal proves that nothing was done.
bool earns_new_token(const Outcome& outcome, const Progress& progress) {
  return outcome.kind == OutcomeKind::credential_refused && !progress.has_renewed_token &&
         progress.is_replayable && progress.has_time_left;
}

}  // namespace

bool uses_attempt(const Outcome& outcome, Ownership ownership) {
  if (outcome.kind == OutcomeKind::no_credential) return false;
  return ownership != Ownership::unknown || !outcome.is_unknown_id;
}

Decision decide(const Outcome& outcome, const Progress& progress) {
  if (outcome.kind == OutcomeKind::success) return Decision::deliver;
  if (outcome.kind == OutcomeKind::cancelled || progress.has_committed) return Decision::give_up;
  if (outcome.kind == OutcomeKind::caller_error) return decide_caller_error(outcome, progress);
  if (earns_free_repeat(outcome, progress)) return Decision::repeat_on_fresh_connection;
  if (earns_new_token(outcome, progress)) return Decision::repeat_with_new_token;
  if (!may_move(outcome, progress)) return settle_in_place(outcome);
  if (!has_attempt_left(outcome, progress)) return Decision::give_up;
  if (outcome.kind == OutcomeKind::fault && !progress.has_budget) return settle_in_place(outcome);
  return Decision::try_next;
}

}  // namespace spillway::routing
