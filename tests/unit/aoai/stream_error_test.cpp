#include <spillway/aoai/stream_error.hpp>

#include <gtest/gtest.h>

namespace spillway::aoai {
namespace {

TEST(StreamErrorStatus, FollowsFromStatusThenCodeThenType) {
  const struct {
    std::string_view status, code, type;
    unsigned expected;
  } rows[] = {
      {"", "rate_limit_exceeded", "too_many_requests", 429},
      {"", "rate_limit_reached", "", 429},
      {"", "RateLimitReached", "", 429},
      {"", "TooManyRequests", "", 429},
      {"", "NoCapacity", "", 429},
      {"", "429", "", 429},
      {"", "", "too_many_requests", 429},
      {"", "something_new", "too_many_requests", 429},
      {"", "", "tokens", 429},
      {"503", "rate_limit_exceeded", "", 503},
      {"failed", "rate_limit_exceeded", "", 429},
      {"200", "", "server_error", 500},
      {"", "server_error", "", 500},
      {"", "InternalServerError", "", 500},
      {"", "", "server_error", 500},
      {"", "service_unavailable", "server_error", 503},
      {"", "Timeout", "", 408},
      {"", "content_filter", "", 400},
      {"", "invalid_prompt", "", 400},
      {"", "invalid_image_url", "", 400},
      {"", "image_too_large", "", 400},
      {"", "", "invalid_request_error", 400},
      {"", "context_length_exceeded", "invalid_request_error", 400},
      {"", "DeploymentNotFound", "", 404},
      {"", "invalid_api_key", "invalid_request_error", 401},
      {"", "", "", 500},
      {"", "never_heard_of", "nor_of_that", 500},
      {"", "200", "", 500},
      {"", "-429", "", 500},
      {"99999999999999999999", "", "", 500},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(status_of_stream_error(row.status, row.code, row.type), row.expected)
        << row.status << '|' << row.code << '|' << row.type;
  }
}

}  // namespace
}  // namespace spillway::aoai
