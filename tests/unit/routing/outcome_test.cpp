#include "support.hpp"
#include <spillway/routing/outcome.hpp>

namespace spillway::routing {
namespace {

using namespace std::chrono_literals;

TEST(Outcome, StatusesAreClassedAsInTheTable) {
  for (const unsigned status : {101U, 200U, 204U, 302U, 304U}) {
    EXPECT_EQ(classify_status(status, true, true), OutcomeKind::success) << status;
  }
  for (const unsigned status : {400U, 404U, 409U, 413U, 415U, 422U, 431U}) {
    EXPECT_EQ(classify_status(status, true, false), OutcomeKind::caller_error) << status;
  }
  for (const unsigned status : {408U, 429U}) {
    EXPECT_EQ(classify_status(status, true, false), OutcomeKind::throttled) << status;
  }
  for (const unsigned status : {500U, 501U, 502U, 503U, 504U, 529U, 599U}) {
    EXPECT_EQ(classify_status(status, true, false), OutcomeKind::fault) << status;
  }
}

TEST(Outcome, OurOwnCredentialRefusedIsNotTheCallersError) {
  for (const unsigned status : {401U, 403U}) {
    EXPECT_EQ(classify_status(status, true, false), OutcomeKind::credential_refused);
    EXPECT_EQ(classify_status(status, false, false), OutcomeKind::caller_error);
  }
}

TEST(Outcome, OnlyAMappedDeploymentIsMissing) {
  EXPECT_EQ(classify_status(404, true, true), OutcomeKind::deployment_missing);
  EXPECT_EQ(classify_status(404, true, false), OutcomeKind::caller_error);
}

TEST(Outcome, AnAnswerBringsItsDelay) {
  const std::vector<base::Field> headers = {{"retry-after", "30"}};
  const Outcome throttled = outcome_of_answer(429, headers, {}, true, false);
  EXPECT_EQ(throttled.delay.duration, 30s);
  EXPECT_EQ(throttled.delay.source, DelaySource::retry_after);
  EXPECT_EQ(throttled.status, 429U);
  // Azure's 200s carry reset headers; they ask nobody to wait.
  EXPECT_EQ(outcome_of_answer(200, headers, {}, true, false).delay.source, DelaySource::none);
}

TEST(Outcome, FaultsByWhoseTheyAre) {
  using base::Fault;
  for (const Fault fault :
       {Fault::dns_failed, Fault::connect_failed, Fault::tls_failed, Fault::upstream_closed,
        Fault::upstream_malformed, Fault::timed_out, Fault::no_capacity}) {
    EXPECT_EQ(outcome_of_fault(fault).kind, OutcomeKind::fault) << base::name_of(fault);
  }
  for (const Fault fault : {Fault::client_gone, Fault::shutting_down, Fault::bad_request,
                            Fault::too_large, Fault::internal}) {
    EXPECT_EQ(outcome_of_fault(fault).kind, OutcomeKind::cancelled) << base::name_of(fault);
  }
  EXPECT_EQ(outcome_of_fault(Fault::unauthorized).kind, OutcomeKind::no_credential);
}

TEST(Outcome, OnlyWhatFailedBeforeAConnectionProvesThatNothingWasAccepted) {
  using base::Fault;
  for (const Fault fault : {Fault::dns_failed, Fault::connect_failed, Fault::tls_failed}) {
    EXPECT_TRUE(proves_not_accepted(outcome_of_fault(fault)));
    EXPECT_TRUE(is_connect_failure(outcome_of_fault(fault)));
  }
  EXPECT_TRUE(proves_not_accepted(outcome_of_fault(Fault::no_capacity)));
  EXPECT_FALSE(is_connect_failure(outcome_of_fault(Fault::no_capacity)));
  EXPECT_FALSE(proves_not_accepted(outcome_of_fault(Fault::upstream_closed)));
  EXPECT_FALSE(proves_not_accepted(outcome_of_fault(Fault::timed_out)));
}

}  // namespace
}  // namespace spillway::routing
