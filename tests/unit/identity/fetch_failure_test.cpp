#include "support/wire_sample.hpp"
#include <spillway/identity/fetch_failure.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const base::WallTime kNow = base::WallTime(1'795'430'400s);  // 2026-11-23 10:40:00 UTC

FetchFailure refusal_with(unsigned status, const std::vector<base::Field>& headers,
                          std::string_view body) {
  return read_token_refusal({status, headers, body}, kNow);
}

FetchFailure refusal_of(unsigned status, const char* sample) {
  return refusal_with(status, {}, test::read_wire_sample(sample));
}

TEST(TokenRefusal, EntraErrorsAreNamed) {
  const FetchFailure failure = refusal_of(401, "token/aad-401-bad-secret.json");
  EXPECT_THAT(failure.description,
              HasSubstr("status 401: invalid_client (7000215): AADSTS7000215"));
  EXPECT_THAT(failure.description, HasSubstr("trace_id aaaaaaaa-0000-4000-8000-000000000001"));
  EXPECT_THAT(failure.description, Not(HasSubstr("Correlation")));
  EXPECT_EQ(failure.kind, FailureKind::lasting);
  EXPECT_FALSE(failure.retry_after);
}

TEST(TokenRefusal, WhatTheConfigurationGotWrongIsLasting) {
  for (const auto* sample : {"token/aad-401-bad-secret.json", "token/aad-401-expired-secret.json",
                             "token/aad-401-bad-assertion.json", "token/aad-400-unknown-app.json",
                             "token/aad-400-unknown-tenant.json", "token/aad-400-bad-scope.json",
                             "token/aad-400-federation-mismatch.json"}) {
    EXPECT_EQ(refusal_of(400, sample).kind, FailureKind::lasting) << sample;
  }
  for (const auto* sample :
       {"token/imds-400-identity-not-found.json", "token/imds-400-no-metadata-header.json"}) {
    EXPECT_EQ(refusal_of(400, sample).kind, FailureKind::passing) << sample;
  }
  EXPECT_EQ(refusal_of(429, "token/aad-429.json").kind, FailureKind::passing);
  EXPECT_EQ(refusal_of(429, "token/imds-429.json").kind, FailureKind::passing);
  EXPECT_EQ(refusal_of(503, "token/aad-401-bad-secret.json").kind, FailureKind::passing);
}

TEST(TokenRefusal, ImdsErrorsAreNamed) {
  EXPECT_EQ(refusal_of(400, "token/imds-400-identity-not-found.json").description,
            "status 400: invalid_request: Identity not found");
}

TEST(TokenRefusal, AnAnswerThatIsNoErrorObjectIsNamedByItsStatus) {
  for (const auto* body : {"", "<html>gateway</html>", "[]", "{}", R"({"error":{"code":"x"}})"}) {
    const FetchFailure failure = refusal_with(502, {}, body);
    EXPECT_EQ(failure.description, "status 502 without an error that can be read") << body;
    EXPECT_EQ(failure.kind, FailureKind::passing);
  }
}

TEST(TokenRefusal, TextsOfTheAnswerAreTamed) {
  const std::string body = R"({"error":"a\nb","error_description":")" + std::string(5000, 'x') +
                           R"(","trace_id":"\u001b[31m","error_codes":["x",1.5,7,8]})";
  const FetchFailure failure = refusal_with(400, {}, body);
  EXPECT_LT(failure.description.size(), 400U);
  EXPECT_THAT(failure.description, HasSubstr("a\\nb (7, 8): xxx"));
  EXPECT_THAT(failure.description, HasSubstr("trace_id \\u001b[31m"));
}

TEST(TokenRefusal, RetryAfterInSeconds) {
  const std::pair<const char*, std::optional<base::Duration>> rows[] = {
      {"2", 2s},           {" 30 ", 30s},        {"0", std::nullopt}, {"-1", std::nullopt},
      {"x", std::nullopt}, {"99999999999", 24h}, {"", std::nullopt},
  };
  for (const auto& [value, expected] : rows) {
    const base::Field field{"Retry-After", value};
    EXPECT_EQ(refusal_with(429, {{field}}, "").retry_after, expected) << value;
  }
}

TEST(TokenRefusal, FaultsAreFailuresToo) {
  const base::Error error(base::Fault::connect_failed, base::Side::upstream,
                          "10.0.0.1:443 refused");
  const FetchFailure failure = passing_failure(error);
  EXPECT_EQ(failure.description, "connect_failed: 10.0.0.1:443 refused");
  EXPECT_EQ(failure.kind, FailureKind::passing);
}

TEST(TokenRefusal, RetryAfterAsADate) {
  const auto delay = [](std::vector<base::Field> headers) {
    return refusal_with(429, headers, "").retry_after;
  };
  EXPECT_EQ(delay({{"retry-after", "Mon, 23 Nov 2026 10:41:00 GMT"}}), 60s);
  EXPECT_EQ(delay({{"retry-after", "Mon, 23 Nov 2026 10:40:00 GMT"}}), std::nullopt);
  EXPECT_EQ(delay({{"retry-after", "Mon, 23 Nov 2026 10:41:00 GMT"},
                   {"date", "Mon, 23 Nov 2026 10:40:50 GMT"}}),
            10s);
}

TEST(TokenRefusal, TheReasonIsWhatDoesNotChange) {
  const FetchFailure failure = refusal_of(401, "token/aad-401-bad-secret.json");
  EXPECT_EQ(failure.reason, "status 401: invalid_client (7000215)");
}

TEST(TokenRefusal, EntrasOwnTroublesPass) {
  for (const int code : {90055, 90033, 50196, 90006, 90024}) {
    const std::string body =
        R"({"error":"invalid_request","error_codes":[)" + std::to_string(code) + "]}";
    EXPECT_EQ(refusal_with(400, {}, body).kind, FailureKind::passing) << code;
  }
  EXPECT_EQ(refusal_with(408, {}, R"({"error":"invalid_client"})").kind, FailureKind::passing);
}

TEST(TokenRefusal, AMetadataServiceThatRestartsSaysGone) {
  EXPECT_EQ(refusal_with(410, {}, "").kind, FailureKind::restarting);
  EXPECT_EQ(refusal_with(404, {}, "").kind, FailureKind::passing);
  EXPECT_EQ(refusal_with(500, {}, "").kind, FailureKind::passing);
}

constexpr auto kOutsideItsTime =
    R"({"error":"invalid_client","error_codes":[700024],"trace_id":"t",)"
    R"("error_description":"AADSTS700024: Client assertion is not within its valid time range."})";

TEST(TokenRefusal, AWrongClockIsCalledThat) {
  const auto skewed = [](const char* date) {
    const FetchFailure failure = refusal_with(401, {{"Date", date}}, kOutsideItsTime);
    EXPECT_EQ(failure.kind, FailureKind::skewed);
    return failure.description;
  };
  EXPECT_THAT(skewed("Mon, 23 Nov 2026 07:40:00 GMT"),
              HasSubstr("this machine's clock is 10800 s ahead of the answer's Date, trace_id t"));
  EXPECT_THAT(skewed("Mon, 23 Nov 2026 10:45:00 GMT"), HasSubstr("is 300 s behind the answer's"));
  EXPECT_THAT(skewed("Mon, 23 Nov 2026 10:40:30 GMT"), HasSubstr("clock agrees with"));
  EXPECT_THAT(refusal_with(401, {}, kOutsideItsTime).description,
              HasSubstr("compare this machine's clock"));
}

TEST(LastingFailure, IsItsOwnReason) {
  const FetchFailure failure = lasting_failure("no key");
  EXPECT_EQ(failure.kind, FailureKind::lasting);
  EXPECT_EQ(failure.description, "no key");
  EXPECT_EQ(failure.reason, "no key");
}

}  // namespace
}  // namespace spillway::identity
