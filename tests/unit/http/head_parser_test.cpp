#include <spillway/http/head_parser.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace spillway::http {
namespace {

Judged<RequestHead> parse(const std::string& start_and_fields) {
  return parse_request_head(start_and_fields + "\r\n\r\n", Limits());
}

RequestHead parsed(const std::string& start_and_fields) {
  const auto head = parse(start_and_fields);
  if (!head) {
    ADD_FAILURE() << start_and_fields << ": " << head.error().rule();
    return {};
  }
  return *head;
}

unsigned refusal_status(const std::string& start_and_fields) {
  const auto head = parse(start_and_fields);
  return head ? 0 : head.error().status();
}

TEST(RequestHeads, PartsAreTakenOver) {
  const RequestHead head = parsed(
      "POST /openai/v1/responses?x=1 HTTP/1.1\r\nHost: h:1\r\nX-A:  b c \t\r\nContent-Length: 7");
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/openai/v1/responses?x=1");
  EXPECT_EQ(head.version, Version::http_1_1);
  EXPECT_EQ(head.fields.find("x-a"), "b c");
  EXPECT_EQ(head.body.kind, Framing::length);
  EXPECT_EQ(head.body.length, 7U);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.expects_continue);
  EXPECT_FALSE(head.is_upgrade);
}

TEST(RequestHeads, AbsoluteFormReplacesHost) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"http://gw:8080/a?b=c", "/a?b=c"}, {"HTTPS://gw:8080/", "/"},    {"http://gw:8080", "/"},
      {"http://gw:8080?b", "/?b"},        {"http://gw:8080//x", "//x"},
  };
  for (const auto& [target, expected] : cases) {
    const RequestHead head = parsed("GET " + target + " HTTP/1.1\r\nHost: other");
    EXPECT_EQ(head.target, expected);
    EXPECT_EQ(head.fields.find("Host"), "gw:8080");
    EXPECT_EQ(head.fields.count("Host"), 1U);
  }
  EXPECT_EQ(parsed("GET http://gw/ HTTP/1.0").fields.find("Host"), "gw");
}

TEST(RequestHeads, RefusesTargets) {
  for (const std::string target : {"*", "a", "http://", "http:///a", "http://u@h/", "http://u:p@h/",
                                   "http://h:99999/", "ftp://h/", "h:443", "/a#b", "http://h/a#b",
                                   "/a\\b", "//\xc3\xa4", "http://h,i/", "http:/h"}) {
    EXPECT_EQ(refusal_status("GET " + target + " HTTP/1.1\r\nHost: h"), 400U) << target;
  }
  EXPECT_EQ(refusal_status("OPTIONS ** HTTP/1.1\r\nHost: h"), 400U);
  EXPECT_EQ(refusal_status("CONNECT h:443 HTTP/1.1\r\nHost: h:443"), 405U);
  EXPECT_EQ(refusal_status("GET http://h/ HTTP/1.1"), 400U);  // Host is required all the same
}

TEST(RequestHeads, TheWholeServerIsForOptionsOnly) {
  EXPECT_EQ(parsed("OPTIONS * HTTP/1.1\r\nHost: h").target, "*");
  EXPECT_EQ(parsed("OPTIONS http://gw HTTP/1.1\r\nHost: h").target, "*");
  EXPECT_EQ(parsed("OPTIONS http://gw/ HTTP/1.1\r\nHost: h").target, "/");
  EXPECT_EQ(parsed("OPTIONS http://gw?a HTTP/1.1\r\nHost: h").target, "/?a");
}

TEST(RequestHeads, Methods) {
  for (const std::string method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
    EXPECT_EQ(parsed(method + " / HTTP/1.1\r\nHost: h").method, method);
  EXPECT_EQ(refusal_status("TRACE / HTTP/1.1\r\nHost: h"), 405U);
  for (const std::string method : {"get", "Get", "BREW", "PRI", "GETT", "G"})
    EXPECT_EQ(refusal_status(method + " / HTTP/1.1\r\nHost: h"), 501U) << method;
}

TEST(RequestHeads, KeepAliveFollowsVersionAndConnection) {
  const auto keeps = [](const std::string& version, const std::string& fields) {
    return parsed("GET / " + version + "\r\nHost: h" + fields).keep_alive;
  };
  EXPECT_TRUE(keeps("HTTP/1.1", ""));
  EXPECT_TRUE(keeps("HTTP/1.1", "\r\nConnection: keep-alive"));
  EXPECT_FALSE(keeps("HTTP/1.1", "\r\nConnection: Close"));
  EXPECT_FALSE(keeps("HTTP/1.1", "\r\nConnection: keep-alive, close"));
  EXPECT_FALSE(keeps("HTTP/1.1", "\r\nConnection: x\r\nConnection: close"));
  EXPECT_FALSE(keeps("HTTP/1.0", ""));
  EXPECT_TRUE(keeps("HTTP/1.0", "\r\nConnection: Keep-Alive"));
  EXPECT_FALSE(keeps("HTTP/1.0", "\r\nConnection: keep-alive, close"));
  EXPECT_FALSE(keeps("HTTP/1.0", "\r\nProxy-Connection: keep-alive"));
}

TEST(RequestHeads, Expectations) {
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n";
  EXPECT_TRUE(parsed(post + "Expect: 100-Continue").expects_continue);
  EXPECT_FALSE(parsed(post + "X: y").expects_continue);
  EXPECT_FALSE(parsed("GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue").expects_continue);
  EXPECT_EQ(refusal_status(post + "Expect: 200-ok"), 417U);
  EXPECT_EQ(refusal_status(post + "Expect: 100-continue, x"), 417U);
  EXPECT_EQ(refusal_status(post + "Expect: 100-continue\r\nExpect: x"), 417U);
  const std::string old = "POST / HTTP/1.0\r\nContent-Length: 5\r\n";
  EXPECT_FALSE(parsed(old + "Expect: 100-continue").expects_continue);
  EXPECT_FALSE(parsed(old + "Expect: anything").expects_continue);
}

TEST(RequestHeads, UpgradesAreNoted) {
  const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_TRUE(parsed(get + "Connection: Upgrade\r\nUpgrade: websocket").is_upgrade);
  EXPECT_FALSE(parsed(get + "Upgrade: websocket").is_upgrade);
  EXPECT_FALSE(parsed(get + "Connection: upgrade").is_upgrade);
  EXPECT_FALSE(parsed("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket").is_upgrade);
}

TEST(RequestHeads, ContentLengthIsMadeCanonical) {
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  for (const std::string fields :
       {"Content-Length: 5", "Content-Length: 0005", "Content-Length: 5, 5",
        "Content-Length: 5\r\nX: y\r\ncontent-length: 5", "Content-Length: 05,05"}) {
    const RequestHead head = parsed(post + fields);
    EXPECT_EQ(head.body.length, 5U) << fields;
    EXPECT_EQ(head.fields.count("Content-Length"), 1U) << fields;
    EXPECT_EQ(head.fields.find("Content-Length"), "5") << fields;
  }
  EXPECT_EQ(parsed(post + "Content-Length: 000").fields.find("Content-Length"), "0");
}

ResponseHead response(const std::string& start_and_fields, const std::string& method = "GET") {
  const auto head = parse_response_head(start_and_fields + "\r\n\r\n", method, response_limits());
  if (!head) {
    ADD_FAILURE() << start_and_fields << ": " << head.error().rule();
    return {};
  }
  return *head;
}

TEST(ResponseHeads, PartsAreTakenOver) {
  const ResponseHead head =
      response("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 2");
  EXPECT_EQ(head.status, 429U);
  EXPECT_EQ(head.reason, "Too Many Requests");
  EXPECT_EQ(head.fields.find("retry-after"), "7");
  EXPECT_EQ(head.body.length, 2U);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(response("HTTP/1.1 200 \r\nContent-Length: 0").reason, "");
}

TEST(ResponseHeads, KeepAliveNeedsAKnownEnd) {
  EXPECT_FALSE(response("HTTP/1.1 200 OK").keep_alive);
  EXPECT_FALSE(response("HTTP/1.0 200 OK\r\nContent-Length: 1").keep_alive);
  EXPECT_TRUE(
      response("HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive").keep_alive);
  EXPECT_FALSE(response("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close").keep_alive);
  EXPECT_TRUE(response("HTTP/1.1 204 No Content").keep_alive);
  EXPECT_TRUE(response("HTTP/1.1 204 No Content\r\nContent-Length: 0").keep_alive);
  EXPECT_FALSE(response("HTTP/1.1 204 No Content\r\nContent-Length: 5").keep_alive);
  EXPECT_FALSE(response("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked").keep_alive);
  EXPECT_TRUE(response("HTTP/1.1 304 Not Modified\r\nContent-Length: 5").keep_alive);
  EXPECT_TRUE(response("HTTP/1.1 200 OK\r\nContent-Length: 5", "HEAD").keep_alive);
}

TEST(ResponseHeads, TakesFieldsThatBeastWouldThrowOn) {
  Limits limits = response_limits();
  limits.header_bytes = 200U << 10U;
  limits.field_value_bytes = 200U << 10U;
  const std::string value(100U << 10U, 'v');
  const auto head =
      parse_response_head("HTTP/1.1 200 OK\r\nX: " + value + "\r\n\r\n", "GET", limits);
  ASSERT_TRUE(head) << head.error().rule();
  EXPECT_EQ(head->fields.find("X"), value);
}

}  // namespace
}  // namespace spillway::http
