#include "support.hpp"
#include <spillway/routing/retry_policy.hpp>

namespace spillway::routing::test {
namespace {

Progress first_attempt() {
  Progress progress;
  progress.attempts = 1;
  return progress;
}

Progress last_attempt() {
  Progress progress;
  progress.attempts = 3;
  return progress;
}

Progress creating() {
  Progress progress = first_attempt();
  progress.is_creating = true;
  return progress;
}

Progress body_gone() {
  Progress progress = first_attempt();
  progress.is_replayable = false;
  return progress;
}

const std::vector<Outcome>& without_answer() {
  static const std::vector<Outcome> all = {
      outcome_of_fault(Fault::dns_failed),      outcome_of_fault(Fault::connect_failed),
      outcome_of_fault(Fault::tls_failed),      outcome_of_fault(Fault::no_capacity),
      outcome_of_fault(Fault::upstream_closed), outcome_of_fault(Fault::upstream_malformed),
      outcome_of_fault(Fault::timed_out)};
  return all;
}

TEST(RetryPolicy, SuccessesAndCallersErrorsAreDelivered) {
  for (const unsigned status : {200U, 302U, 400U, 404U, 409U, 413U, 415U, 422U}) {
    EXPECT_EQ(decide(answered(status), first_attempt()), Decision::deliver) << status;
    EXPECT_EQ(decide(answered(status), last_attempt()), Decision::deliver) << status;
    EXPECT_EQ(decide(answered(status), body_gone()), Decision::deliver) << status;
  }
}

TEST(RetryPolicy, TheRefusedCredentialOfACallerIsDelivered) {
  EXPECT_EQ(decide(of_kind(OutcomeKind::caller_error, 401), first_attempt()), Decision::deliver);
}

TEST(RetryPolicy, EverythingElseIsTriedElsewhere) {
  for (const unsigned status : {401U, 403U, 408U, 429U, 500U, 502U, 503U, 504U}) {
    EXPECT_EQ(decide(answered(status), first_attempt()), Decision::try_next) << status;
  }
  for (const Outcome& outcome : without_answer()) {
    EXPECT_EQ(decide(outcome, first_attempt()), Decision::try_next);
  }
  EXPECT_EQ(decide(of_kind(OutcomeKind::deployment_missing, 404), first_attempt()),
            Decision::try_next);
  EXPECT_EQ(decide(of_kind(OutcomeKind::no_credential), first_attempt()), Decision::try_next);
}

TEST(RetryPolicy, ConflictMovesOnlyWithRetryAfter) {
  EXPECT_EQ(decide(told_to_wait(409, 1s), first_attempt()), Decision::try_next);
  EXPECT_EQ(decide(told_to_wait(409, 1s, DelaySource::ratelimit_reset_tokens), first_attempt()),
            Decision::deliver);
  EXPECT_EQ(decide(told_to_wait(409, 1s), last_attempt()), Decision::deliver);
  EXPECT_EQ(decide(told_to_wait(409, 1s), creating()), Decision::deliver);
  EXPECT_EQ(decide(told_to_wait(400, 1s), first_attempt()), Decision::deliver);
  Progress alone = first_attempt();
  alone.has_other_member = false;
  EXPECT_EQ(decide(told_to_wait(409, 1s), alone), Decision::deliver);
}

TEST(RetryPolicy, TheCallerWhoLeftIsNotServedElsewhere) {
  EXPECT_EQ(decide(of_kind(OutcomeKind::cancelled), first_attempt()), Decision::give_up);
}

TEST(RetryPolicy, NothingIsTriedAgainAfterCommit) {
  Progress committed = first_attempt();
  committed.has_committed = true;
  committed.was_connection_reused = true;
  for (const Outcome& outcome : without_answer()) {
    EXPECT_EQ(decide(outcome, committed), Decision::give_up);
  }
  for (const unsigned status : {429U, 500U, 503U}) {
    EXPECT_EQ(decide(answered(status), committed), Decision::give_up);
  }
}

TEST(RetryPolicy, AttemptsAndTimeAreBounds) {
  for (const unsigned status : {401U, 408U, 429U, 500U, 503U}) {
    EXPECT_EQ(decide(answered(status), last_attempt()), Decision::give_up) << status;
    Progress late = first_attempt();
    late.has_time_left = false;
    EXPECT_EQ(decide(answered(status), late), Decision::give_up) << status;
  }
}

TEST(RetryPolicy, AMissingTokenUsesUpNoAttempt) {
  EXPECT_EQ(decide(of_kind(OutcomeKind::no_credential), last_attempt()), Decision::try_next);
  Progress late = last_attempt();
  late.has_time_left = false;
  EXPECT_EQ(decide(of_kind(OutcomeKind::no_credential), late), Decision::give_up);
}

TEST(RetryPolicy, AStaleConnectionEarnsOneFreeRepeat) {
  const Outcome closed = outcome_of_fault(Fault::upstream_closed);
  Progress reused = last_attempt();  // free: even now
  reused.was_connection_reused = true;
  EXPECT_EQ(decide(closed, reused), Decision::repeat_on_fresh_connection);

  reused.has_repeated = true;
  EXPECT_EQ(decide(closed, reused), Decision::give_up);
  reused.attempts = 1;
  EXPECT_EQ(decide(closed, reused), Decision::try_next);
}

TEST(RetryPolicy, NoFreeRepeatOtherwise) {
  const Outcome closed = outcome_of_fault(Fault::upstream_closed);
  Progress reused = first_attempt();
  reused.was_connection_reused = true;
  const auto with = [&](auto change) {
    Progress progress = reused;
    change(progress);
    return progress;
  };
  EXPECT_EQ(decide(closed, first_attempt()), Decision::try_next);
  EXPECT_EQ(decide(closed, with([](Progress& p) { p.was_answer_begun = true; })),
            Decision::try_next);
  EXPECT_EQ(decide(closed, with([](Progress& p) { p.has_time_left = false; })), Decision::give_up);
  EXPECT_EQ(decide(closed, with([](Progress& p) { p.is_replayable = false; })), Decision::give_up);
  EXPECT_EQ(decide(closed, with([](Progress& p) { p.is_creating = true; })), Decision::give_up);
  EXPECT_EQ(decide(outcome_of_fault(Fault::timed_out), reused), Decision::try_next);
}

TEST(RetryPolicy, CreatingCallsMoveOnlyWhereNothingCanHaveBeenCreated) {
  for (const unsigned status : {401U, 403U, 429U, 503U}) {
    EXPECT_EQ(decide(answered(status), creating()), Decision::try_next) << status;
  }
  for (const Fault fault :
       {Fault::dns_failed, Fault::connect_failed, Fault::tls_failed, Fault::no_capacity}) {
    EXPECT_EQ(decide(outcome_of_fault(fault), creating()), Decision::try_next);
  }
  for (const unsigned status : {408U, 500U, 502U, 504U}) {
    EXPECT_EQ(decide(answered(status), creating()), Decision::deliver) << status;
  }
  for (const Fault fault : {Fault::upstream_closed, Fault::upstream_malformed, Fault::timed_out}) {
    EXPECT_EQ(decide(outcome_of_fault(fault), creating()), Decision::give_up);
  }
}

TEST(RetryPolicy, ABodyThatIsGoneIsTriedOnce) {
  EXPECT_EQ(decide(answered(429), body_gone()), Decision::give_up);
  for (const unsigned status : {408U, 500U, 502U, 503U, 504U}) {
    EXPECT_EQ(decide(answered(status), body_gone()), Decision::deliver) << status;
  }
  EXPECT_EQ(decide(answered(401), body_gone()), Decision::give_up);
  EXPECT_EQ(decide(outcome_of_fault(Fault::timed_out), body_gone()), Decision::give_up);
}

TEST(RetryPolicy, ABodyNotYetSentMayStillMove) {
  // The gateway says is_replayable while nothing of the body was sent.
  EXPECT_EQ(decide(answered(429), first_attempt()), Decision::try_next);
  EXPECT_EQ(decide(outcome_of_fault(Fault::connect_failed), body_gone()), Decision::try_next);
}

TEST(RetryPolicy, TheBudgetIsForFaultsOnly) {
  Progress spent = first_attempt();
  spent.has_budget = false;
  EXPECT_EQ(decide(answered(429), spent), Decision::try_next);
  EXPECT_EQ(decide(answered(401), spent), Decision::try_next);
  EXPECT_EQ(decide(answered(500), spent), Decision::deliver);
  EXPECT_EQ(decide(outcome_of_fault(Fault::connect_failed), spent), Decision::give_up);
}

TEST(RetryPolicy, ADayLongRetryAfterIsNotPassedOn) {
  EXPECT_EQ(decide(told_to_wait(503, 24h), body_gone()), Decision::give_up);
  EXPECT_EQ(decide(told_to_wait(503, 30s), body_gone()), Decision::deliver);
}

Outcome unknown_id(unsigned status = 404) {
  Outcome outcome = answered(status);
  outcome.is_unknown_id = true;
  return outcome;
}

Progress naming(Ownership ownership) {
  Progress progress = first_attempt();
  progress.ownership = ownership;
  return progress;
}

TEST(RetryPolicy, AnIdThatNobodyRemembersIsLookedForEverywhere) {
  Progress progress = naming(Ownership::unknown);
  progress.attempts = 7;  // of at most 3: a search is no retry
  for (const unsigned status : {404U, 400U}) {
    EXPECT_EQ(decide(unknown_id(status), progress), Decision::try_next) << status;
  }
  progress.has_other_member = false;
  EXPECT_EQ(decide(unknown_id(), progress), Decision::deliver) << "nobody knows it";
  progress.is_search_incomplete = true;
  EXPECT_EQ(decide(unknown_id(), progress), Decision::give_up)
      << "who could not be asked may know it: a 404 would be a guess";
}

TEST(RetryPolicy, ASearchEndsWithTheFirstWhoKnows) {
  EXPECT_EQ(decide(answered(200), naming(Ownership::unknown)), Decision::deliver);
  EXPECT_EQ(decide(answered(400), naming(Ownership::unknown)), Decision::deliver);
  Progress gone = naming(Ownership::unknown);
  gone.is_replayable = false;
  EXPECT_EQ(decide(unknown_id(), gone), Decision::deliver);
}

TEST(RetryPolicy, AFailureDuringASearchUsesAnAttempt) {
  EXPECT_TRUE(uses_attempt(answered(500), Ownership::unknown));
  EXPECT_FALSE(uses_attempt(unknown_id(), Ownership::unknown));
  EXPECT_TRUE(uses_attempt(unknown_id(), Ownership::known));
  EXPECT_FALSE(uses_attempt(of_kind(OutcomeKind::no_credential), Ownership::none));
}

TEST(RetryPolicy, WhatOneBackendKnowsIsAskedOfNobodyElse) {
  for (const Ownership ownership : {Ownership::known, Ownership::just_learnt}) {
    const Progress progress = naming(ownership);
    EXPECT_EQ(decide(answered(429), progress), Decision::give_up);
    EXPECT_EQ(decide(answered(503), progress), Decision::deliver) << "its own honest error";
    for (const Outcome& outcome : without_answer()) {
      EXPECT_EQ(decide(outcome, progress), Decision::give_up);
    }
  }
  EXPECT_EQ(decide(unknown_id(), naming(Ownership::known)), Decision::deliver);
}

TEST(RetryPolicy, AnOwnerThatLagsBehindIsAskedOnceMore) {
  Progress progress = naming(Ownership::just_learnt);
  EXPECT_EQ(decide(unknown_id(), progress), Decision::repeat_after_pause);
  EXPECT_EQ(decide(unknown_id(400), progress), Decision::repeat_after_pause);
  progress.has_paused = true;
  EXPECT_EQ(decide(unknown_id(), progress), Decision::deliver);
  progress.has_paused = false;
  progress.has_time_left = false;
  EXPECT_EQ(decide(unknown_id(), progress), Decision::deliver);
}

TEST(RetryPolicy, ARefusedTokenIsRenewedOnceBeforeTheRequestMoves) {
  Progress progress = first_attempt();
  progress.has_renewed_token = false;
  for (const unsigned status : {401U, 403U}) {
    EXPECT_EQ(decide(answered(status), progress), Decision::repeat_with_new_token) << status;
  }
  progress.is_creating = true;
  EXPECT_EQ(decide(answered(401), progress), Decision::repeat_with_new_token)
      << "a refusal proves that nothing was created";
  progress.is_replayable = false;
  EXPECT_NE(decide(answered(401), progress), Decision::repeat_with_new_token);
  progress = first_attempt();
  EXPECT_EQ(decide(answered(401), progress), Decision::try_next) << "renewed already, or a key";
}

TEST(RetryPolicy, AnErrorInsideAStreamIsNeverDeliveredAsAnAnswer) {
  Outcome error = answered(500);
  error.is_in_stream = true;
  EXPECT_EQ(decide(error, first_attempt()), Decision::try_next);
  EXPECT_EQ(decide(error, creating()), Decision::give_up) << "not a 200 with an error in it";
  Progress spent = first_attempt();
  spent.has_budget = false;
  EXPECT_EQ(decide(error, spent), Decision::give_up);
  Outcome filtered = answered(400);
  filtered.is_in_stream = true;
  EXPECT_EQ(decide(filtered, first_attempt()), Decision::deliver) << "the caller's own error";
}

// Every combination of what the gateway can say: the laws that hold whatever else is decided.
TEST(RetryPolicy, LawsOverAllCombinations) {
  std::vector<Outcome> outcomes = without_answer();
  for (const unsigned status : {200U, 400U, 401U, 408U, 409U, 429U, 500U, 503U}) {
    outcomes.push_back(answered(status));
    outcomes.push_back(told_to_wait(status, 24h));
  }
  outcomes.push_back(unknown_id());
  for (unsigned bits = 0; bits < (1U << 15U); ++bits) {
    const auto bit = [&](unsigned n) { return (bits >> n & 1U) != 0; };
    const auto ownership = static_cast<Ownership>((bits >> 11U) & 3U);
    const Progress p{bit(0) ? 3U : 1U, 3,      bit(1), bit(2),  bit(3),    bit(4),  bit(5), bit(6),
                     bit(7),           bit(8), bit(9), bit(10), ownership, bit(13), bit(14)};
    for (const Outcome& outcome : outcomes) {
      const Decision decision = decide(outcome, p);
      const bool is_again = decision != Decision::deliver && decision != Decision::give_up;
      EXPECT_FALSE(is_again && p.has_committed);
      EXPECT_FALSE(is_again && !p.has_time_left);
      EXPECT_FALSE(is_again && !p.is_replayable && !proves_not_accepted(outcome));
      EXPECT_FALSE(is_again && outcome.kind == OutcomeKind::success);
      EXPECT_FALSE(decision == Decision::try_next && p.attempts == p.max_attempts &&
                   uses_attempt(outcome, p.ownership));
      EXPECT_FALSE(decision == Decision::try_next &&
                   (p.ownership == Ownership::known || p.ownership == Ownership::just_learnt));
      EXPECT_FALSE(decision == Decision::deliver && outcome.status == 0);
      EXPECT_FALSE(decision == Decision::deliver && outcome.status == 401);
      EXPECT_FALSE(decision == Decision::deliver && outcome.status == 429);
    }
  }
}

}  // namespace
}  // namespace spillway::routing::test
