#include <spillway/gateway/reply.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

namespace spillway::gateway {
namespace {

using base::Error;
using base::Fault;
using base::Side;

TEST(Reply, EachFaultHasItsStatus) {
  const std::pair<Fault, unsigned> table[] = {
      {Fault::bad_request, 400}, {Fault::unauthorized, 401}, {Fault::no_route, 404},
      {Fault::timed_out, 408},   {Fault::too_large, 413},    {Fault::internal, 500},
      {Fault::no_capacity, 503}, {Fault::shutting_down, 503}};
  for (const auto& [fault, status] : table) {
    const Reply reply = reply_for(Error(fault, Side::client, "why"));
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(reply.message, "why");
    EXPECT_EQ(reply.code.rfind("spillway_", 0), 0U);
  }
}

TEST(Reply, IsAWholeMessageWithABodyOfAzuresShape) {
  Reply reply;
  reply.status = 429;
  reply.code = "spillway_pool_throttled";
  reply.message = "busy \"now\"\n";
  reply.retry_after = std::chrono::milliseconds(1500);
  reply.should_not_retry = true;
  ReplyOptions options;
  options.request_id = "id-1";
  const std::string text = format_reply(reply, options);
  const auto split = text.find("\r\n\r\n");
  const std::string head = text.substr(0, split + 2);
  const std::string body = text.substr(split + 4);
  EXPECT_EQ(head.rfind("HTTP/1.1 429 Too Many Requests\r\n", 0), 0U);
  for (const char* field :
       {"content-type: application/json\r\n", "x-spillway-error: spillway_pool_throttled\r\n",
        "x-spillway-request-id: id-1\r\n", "retry-after: 3\r\n", "retry-after-ms: 1500\r\n",
        "x-should-retry: false\r\n", "connection: close\r\n"}) {
    EXPECT_NE(head.find(field), std::string::npos) << field;
  }
  EXPECT_NE(head.find("content-length: " + std::to_string(body.size()) + "\r\n"),
            std::string::npos);
  const auto error = nlohmann::json::parse(body).at("error");
  EXPECT_EQ(error.at("code"), "spillway_pool_throttled");
  EXPECT_EQ(error.at("message"), "busy \"now\"\n");
  EXPECT_EQ(error.at("type"), "too_many_requests");
}

TEST(Reply, ToAHeadRequestHasNoBodyButItsLength) {
  Reply reply;
  reply.status = 404;
  ReplyOptions options;
  options.is_head_request = true;
  options.keeps_alive = true;
  const std::string text = format_reply(reply, options);
  EXPECT_EQ(text.substr(text.size() - 4), "\r\n\r\n");
  EXPECT_EQ(text.find("content-length: 0"), std::string::npos);
  EXPECT_EQ(text.find("connection:"), std::string::npos);
}

TEST(Reply, A405SaysWhatIsAllowedAndAllSayWhen) {
  Reply reply;
  reply.status = 405;
  ReplyOptions options;
  options.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  const std::string text = format_reply(reply, options);
  EXPECT_NE(text.find("allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"),
            std::string::npos);
  EXPECT_NE(text.find("date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), std::string::npos);
}

TEST(Reply, ToOptionsIsA204WithoutFraming) {
  ReplyOptions options;
  options.keeps_alive = true;
  options.client_version = http::Version::http_1_0;
  EXPECT_EQ(format_options_reply(options),
            "HTTP/1.1 204 No Content\r\n"
            "allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"
            "connection: keep-alive\r\n\r\n");
}

}  // namespace
}  // namespace spillway::gateway
