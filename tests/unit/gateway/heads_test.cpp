// What goes to a backend and what comes back to the caller, as text.

#include <spillway/gateway/client_response.hpp>
#include <spillway/gateway/request_id.hpp>
#include <spillway/gateway/upstream_request.hpp>

#include <gtest/gtest.h>

namespace spillway::gateway {
namespace {

http::RequestHead caller_with(std::initializer_list<base::Field> fields) {
  http::RequestHead head;
  head.method = "POST";
  head.target = "/ignored";
  for (const auto& field : fields)
    head.fields.add(field.name, field.value);
  return head;
}

UpstreamRequest request_to_backend() {
  UpstreamRequest request;
  request.target = "/openai/deployments/x/chat/completions";
  request.authority = "backend.example";
  request.credential_name = "authorization";
  request.credential_value = "Bearer token-of-the-gateway";
  request.body_length = 7;
  return request;
}

bool holds(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

TEST(UpstreamHead, CarriesOurCredentialOurHostAndOneFraming) {
  const auto head = format_upstream_head(
      caller_with({{"Host", "gateway"}, {"Content-Length", "99"}, {"X-Own", "kept"}}),
      request_to_backend());
  EXPECT_EQ(head,
            "POST /openai/deployments/x/chat/completions HTTP/1.1\r\n"
            "host: backend.example\r\n"
            "authorization: Bearer token-of-the-gateway\r\n"
            "X-Own: kept\r\n"
            "accept-encoding: identity\r\n"
            "content-length: 7\r\n\r\n");
}

TEST(UpstreamHead, NothingOfTheCallersCredentialsGetsThrough) {
  const auto head = format_upstream_head(caller_with({{"api-key", "SECRET"},
                                                      {"Authorization", "Bearer SECRET"},
                                                      {"Ocp-Apim-Subscription-Key", "SECRET"},
                                                      {"Proxy-Authorization", "SECRET"},
                                                      {"Cookie", "SECRET"}}),
                                         request_to_backend());
  EXPECT_FALSE(holds(head, "SECRET")) << head;
}

TEST(UpstreamHead, TheBackendIsAskedOnOurOwnAccountOnly) {
  const auto caller = caller_with({{"Expect", "100-continue"}});
  auto request = request_to_backend();
  EXPECT_FALSE(holds(format_upstream_head(caller, request), "xpect"));
  request.expects_continue = true;
  EXPECT_TRUE(holds(format_upstream_head(caller, request), "\r\nexpect: 100-continue\r\n"));
}

TEST(UpstreamHead, HopByHopFieldsAndThoseThatConnectionNominatesStayHere) {
  const auto head = format_upstream_head(caller_with({{"Connection", "keep-alive, x-private"},
                                                      {"Keep-Alive", "timeout=5"},
                                                      {"X-Private", "1"},
                                                      {"TE", "trailers"},
                                                      {"Upgrade", "h2c"},
                                                      {"Transfer-Encoding", "chunked"},
                                                      {"x-public", "2"}}),
                                         request_to_backend());
  for (const char* gone : {"onnection", "eep-Alive", "rivate", "TE:", "pgrade", "ransfer"}) {
    EXPECT_FALSE(holds(head, gone)) << gone;
  }
  EXPECT_TRUE(holds(head, "x-public: 2\r\n"));
}

TEST(UpstreamHead, WhatOnlyTheGatewayMaySayIsNotTheCallers) {
  UpstreamRequest request = request_to_backend();
  request.via = "1.1 edge, 1.1 spillway";
  request.forwarded.add("x-forwarded-for", "192.0.2.1");
  const auto head = format_upstream_head(caller_with({{"Via", "1.1 edge"},
                                                      {"X-Forwarded-For", "FORGED"},
                                                      {"Forwarded", "for=FORGED"},
                                                      {"X-Real-IP", "FORGED"},
                                                      {"X-MS-CLIENT-PRINCIPAL-ID", "FORGED"},
                                                      {"X-MS-Token-AAD", "FORGED"},
                                                      {"Content_Length", "FORGED"},
                                                      {"x-own", "kept"}}),
                                         request);
  EXPECT_FALSE(holds(head, "FORGED")) << head;
  EXPECT_TRUE(holds(head,
                    "x-own: kept\r\n"
                    "x-forwarded-for: 192.0.2.1\r\n"
                    "via: 1.1 edge, 1.1 spillway\r\n"))
      << head;
}

TEST(UpstreamHead, MaxForwardsOfOptionsIsOneLess) {
  auto caller = caller_with({{"Max-Forwards", "7"}});
  EXPECT_TRUE(holds(format_upstream_head(caller, request_to_backend()), "Max-Forwards: 7\r\n"));
  caller.method = "OPTIONS";
  EXPECT_TRUE(holds(format_upstream_head(caller, request_to_backend()), "Max-Forwards: 6\r\n"));
}

TEST(UpstreamHead, ABodyOfUnknownLengthIsChunkedAndNoBodyHasNoFraming) {
  UpstreamRequest request = request_to_backend();
  request.body_length.reset();
  EXPECT_FALSE(holds(format_upstream_head(caller_with({}), request), "content-length"));
  request.is_chunked = true;
  EXPECT_TRUE(
      holds(format_upstream_head(caller_with({}), request), "transfer-encoding: chunked\r\n"));
}

TEST(UpstreamHead, AnUpgradeIsAHandshakeOfItsOwn) {
  UpstreamRequest request = request_to_backend();
  request.body_length.reset();
  request.websocket_key = "OURS";
  request.websocket_protocols = "realtime";
  const auto head = format_upstream_head(
      caller_with({{"Connection", "Upgrade"},
                   {"Upgrade", "websocket"},
                   {"Sec-WebSocket-Key", "THEIRS"},
                   {"Sec-WebSocket-Version", "8"},
                   {"Sec-WebSocket-Extensions", "permessage-deflate"},
                   {"sec-websocket-protocol", "realtime, openai-insecure-api-key.SECRET"}}),
      request);
  EXPECT_TRUE(holds(head,
                    "accept-encoding: identity\r\n"
                    "connection: Upgrade\r\n"
                    "upgrade: websocket\r\n"
                    "sec-websocket-version: 13\r\n"
                    "sec-websocket-key: OURS\r\n"
                    "sec-websocket-protocol: realtime\r\n\r\n"))
      << head;
  for (const char* gone : {"THEIRS", "SECRET", "deflate"})
    EXPECT_FALSE(holds(head, gone)) << head;
}

http::ResponseHead answer_with(std::initializer_list<base::Field> fields) {
  http::ResponseHead head;
  head.status = 200;
  head.reason = "OK";
  head.body.kind = http::Framing::length;
  head.body.length = 5;
  for (const auto& field : fields)
    head.fields.add(field.name, field.value);
  return head;
}

std::string client_head(const http::ResponseHead& answer) {
  ClientResponse response;
  response.request_id = "id-1";
  response.backend = "east";
  response.attempts = 2;
  response.framing = framing_for_client(answer, http::Version::http_1_1);
  std::string out;
  append_client_head(out, answer, response);
  return out;
}

TEST(ClientHead, PassesTheBackendsFieldsOnAndSaysWhoServed) {
  const auto head = client_head(answer_with({{"x-ms-region", "East US"},
                                             {"Content-Length", "5"},
                                             {"Connection", "close, x-hop"},
                                             {"x-hop", "1"},
                                             {"x-spillway-backend", "forged"}}));
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\n"
            "x-ms-region: East US\r\n"
            "content-length: 5\r\n"
            "x-spillway-request-id: id-1\r\n"
            "x-spillway-backend: east\r\n"
            "x-spillway-attempts: 2\r\n\r\n");
}

TEST(ClientHead, A101IsTheGatewaysOwnHandshake) {
  auto answer = answer_with({{"Upgrade", "websocket"},
                             {"Connection", "Upgrade"},
                             {"Sec-WebSocket-Accept", "THEIRS"},
                             {"Content-Length", "7"},
                             {"x-ms-region", "East US"}});
  answer.status = 101;
  answer.reason = "Switching Protocols";
  ClientResponse response;
  response.backend = "east";
  response.websocket_accept = "OURS";
  response.websocket_protocol = "realtime";
  std::string head;
  append_client_head(head, answer, response);
  EXPECT_EQ(head,
            "HTTP/1.1 101 Switching Protocols\r\n"
            "x-ms-region: East US\r\n"
            "connection: Upgrade\r\n"
            "upgrade: websocket\r\n"
            "sec-websocket-accept: OURS\r\n"
            "sec-websocket-protocol: realtime\r\n"
            "x-spillway-backend: east\r\n\r\n");
}

TEST(ClientHead, AnAnswerThatEndsWithItsConnectionIsChunkedFor11AndNotFor10) {
  auto answer = answer_with({});
  answer.body.kind = http::Framing::until_close;
  EXPECT_EQ(framing_for_client(answer, http::Version::http_1_1).kind, http::Framing::chunked);
  EXPECT_EQ(framing_for_client(answer, http::Version::http_1_0).kind, http::Framing::until_close);
  answer.body.kind = http::Framing::chunked;
  EXPECT_EQ(framing_for_client(answer, http::Version::http_1_0).kind, http::Framing::until_close);
}

TEST(ClientHead, HasADateOfOursWhereTheBackendGivesNone) {
  ClientResponse response;
  response.date = "OURS";
  std::string head;
  append_client_head(head, answer_with({{"Date", "THEIRS"}}), response);
  EXPECT_TRUE(holds(head, "Date: THEIRS") && !holds(head, "OURS")) << head;
  head.clear();
  append_client_head(head, answer_with({}), response);
  EXPECT_TRUE(holds(head, "date: OURS\r\n")) << head;
}

TEST(ClientHead, AnHttp10CallerIsToldThatItsConnectionIsKept) {
  ClientResponse response;
  response.client_version = http::Version::http_1_0;
  std::string head;
  append_client_head(head, answer_with({}), response);
  EXPECT_TRUE(holds(head, "connection: keep-alive\r\n")) << head;
  response.keeps_alive = false;
  head.clear();
  append_client_head(head, answer_with({}), response);
  EXPECT_TRUE(holds(head, "connection: close\r\n")) << head;
}

TEST(ClientHead, InterimsAreFor11Only) {
  auto answer = answer_with({});
  http::InterimHead hints;
  hints.status = 103;
  hints.reason = "Early Hints";
  hints.fields.add("Link", "</a>");
  hints.fields.add("Content-Length", "7");
  hints.fields.add("Connection", "x-a");
  hints.fields.add("X-A", "1");
  answer.interims.push_back(hints);
  std::string head;
  append_interims(head, answer, http::Version::http_1_0);
  EXPECT_EQ(head, "");
  append_interims(head, answer, http::Version::http_1_1);
  EXPECT_EQ(head, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
}

TEST(RequestId, TheCallersOwnIdIsHonouredIfItIsFitForALog) {
  base::Random random(1);
  const auto id_of = [&](std::string_view name, std::string_view value) {
    http::FieldList fields;
    fields.add(name, value);
    return request_id_of(fields, random);
  };
  EXPECT_EQ(id_of("x-ms-client-request-id", "abc-123"), "abc-123");
  EXPECT_EQ(id_of("traceparent", "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(id_of("x-ms-client-request-id", "with blank").size(), 32U);
  EXPECT_EQ(id_of("x-ms-client-request-id", std::string(129, 'a')).size(), 32U);
  EXPECT_EQ(id_of("traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-01").size(),
            32U);
  EXPECT_NE(id_of("x", "y"), id_of("x", "y"));
}

}  // namespace
}  // namespace spillway::gateway
