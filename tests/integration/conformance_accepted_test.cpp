// Requests that are in order, byte for byte: exactly one clean request reaches the backend,
// whatever spelling came in, and the client's connection stays in step (docs/http-conformance.md).

#include "integration/conformance_world.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace spillway::integration {
namespace {

// Names in lower case, values as they are.
std::string with_lower_names(const std::string& request) {
  std::string out;
  bool is_name = false;
  for (std::size_t i = 0; i < request.size(); ++i) {
    const char c = request[i];
    out += is_name ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : c;
    if (c == '\n') is_name = true;
    if (c == ':') is_name = false;
  }
  return out;
}

class AcceptedRequests : public ::testing::Test {
 protected:
  void expect_passed(const PassedRow& row) {
    SCOPED_TRACE(row.what);
    const std::size_t before = backend.requests().size();
    Connection client(gateway.port());
    client.write_raw(row.bytes);
    const Answer answer = client.read(row.bytes.starts_with("HEAD") ? "HEAD" : "GET");
    EXPECT_EQ(answer.status, 200U) << answer.body;
    client.write_raw(kProbe);
    EXPECT_EQ(client.read().status, 204U) << "the connection is out of step";
    const auto requests = backend.requests();
    ASSERT_EQ(requests.size(), before + 1);
    EXPECT_EQ(backend.offences(), std::vector<std::string>());
    const std::string request = with_lower_names(requests.back());
    for (const std::string& text : row.holds)
      EXPECT_NE(request.find(text), std::string::npos) << text << " is not in\n" << request;
    for (const std::string& text : row.lacks)
      EXPECT_EQ(request.find(text), std::string::npos) << text << " is in\n" << request;
  }

  void expect_passed(const std::vector<PassedRow>& rows) {
    for (const PassedRow& row : rows)
      expect_passed(row);
  }

  RawBackend backend;
  RunningGateway gateway{wire_yaml({backend.url()})};
};

TEST_F(AcceptedRequests, StartLinesAndTargets) {
  const std::string first = "GET /openai/v1/models HTTP/1.1\r\nhost: 127.0.0.1:";
  expect_passed({
      {"plain", get_with(""), {first}, {"gateway"}},
      {"two blank lines first", "\r\n\r\n" + get_with(""), {first}, {}},
      {"absolute form", start("GET http://gateway/openai/v1/models HTTP/1.1"), {first}, {}},
      {"absolute form in capitals",
       start("GET HTTP://gateway:80/openai/v1/models HTTP/1.1"),
       {first},
       {}},
      {"absolute form of https",
       start("GET https://gateway/openai/v1/models HTTP/1.1"),
       {first},
       {}},
      {"its authority is not routed by",
       start("GET http://elsewhere/openai/v1/models HTTP/1.1"),
       {first},
       {"elsewhere"}},
      {"/v1 is /openai/v1", start("GET /v1/models HTTP/1.1"), {first}, {}},
      {"HEAD", start("HEAD /openai/v1/models HTTP/1.1"), {"HEAD /openai/v1/models"}, {}},
      {"DELETE", start("DELETE /openai/v1/files/file-1 HTTP/1.1"), {"DELETE "}, {"content-length"}},
      {"PATCH", start("PATCH /openai/v1/files/file-1 HTTP/1.1"), {"PATCH "}, {}},
      {"PUT", start("PUT /openai/v1/files/file-1 HTTP/1.1"), {"PUT "}, {}},
      {"OPTIONS of a path", start("OPTIONS /openai/v1/models HTTP/1.1"), {"OPTIONS /openai"}, {}},
  });
}

TEST_F(AcceptedRequests, PathsThatAzureUses) {
  std::vector<PassedRow> rows;
  for (const char* target :
       {"/openai/deployments/gpt-4.1_mini~x/chat/completions?api-version=2024-10-21",
        "/openai/deployments/my%20model/embeddings?api-version=2024-10-21",
        "/openai/deployments/whisper/audio/transcriptions?api-version=2024-06-01",
        "/openai/files/file-abc123/content?api-version=2024-10-21",
        "/openai/assistants/asst_1?api-version=2024-05-01-preview",
        "/openai/threads/thread_1/runs/run_1/"
        "steps?limit=20&order=asc&api-version=2024-05-01-preview",
        "/openai/v1/responses/resp_1/input_items?limit=20&after=msg_1",
        "/openai/v1/responses/resp_1?include[]=reasoning.encrypted_content",
        "/openai/v1/vector_stores/vs_1/files/file-1",
        "/openai/v1/containers/cntr_1/files/cfile_1/content",
        "/openai/v1/fine_tuning/jobs/ftjob-1/events?after=x%2Fy",
        "/openai/v1/evals/eval_1/runs?order=desc", "/openai/v1/models/ft:gpt-4o:org::id",
        "/openai/v1/models/", "/openai/v1/files?purpose=a:b/c?d"}) {
    rows.push_back({target,
                    start("GET " + std::string(target) + " HTTP/1.1"),
                    {"GET " + std::string(target) + " HTTP/1.1\r\n"},
                    {}});
  }
  expect_passed(rows);
}

TEST_F(AcceptedRequests, OneFramingHoweverItCame) {
  const std::string length = std::to_string(kBody.size());
  const std::string one = "content-length: " + length + "\r\n";
  const std::string behind = "\r\n\r\n" + kBody;
  const std::string chunks =
      "5\r\n" + kBody.substr(0, 5) + "\r\n" + "001B\r\n" + kBody.substr(5, 27) + "\r\n";
  ASSERT_EQ(kBody.size(), 32U);
  const std::string te = "Transfer-Encoding: chunked\r\n";
  expect_passed({
      {"length", post_with(length_field(kBody), kBody), {one, behind}, {"transfer-encoding"}},
      {"the same twice",
       post_with(length_field(kBody) + length_field(kBody), kBody),
       {one, behind},
       {}},
      {"the same in a list",
       post_with("Content-Length: " + length + ", " + length + "\r\n", kBody),
       {one, behind},
       {}},
      {"leading zeros",
       post_with("Content-Length: 000" + length + "\r\n", kBody),
       {one, behind},
       {}},
      {"blanks around",
       post_with("Content-Length: \t " + length + " \t\r\n", kBody),
       {one, behind},
       {}},
      {"chunks", post_with(te, chunks + "0\r\n\r\n"), {one, behind}, {"transfer-encoding"}},
      {"coding in capitals",
       post_with("Transfer-Encoding: CHUNKED\r\n", chunks + "0\r\n\r\n"),
       {one, behind},
       {}},
      {"extensions go",
       post_with(te, "20;name=value;x=\"y\"\r\n" + kBody + "\r\n0;last\r\n\r\n"),
       {one, behind},
       {"name=value", "last"}},
      {"trailers go",
       post_with("Trailer: X-Sum, Host\r\n" + te,
                 "20\r\n" + kBody + "\r\n0\r\nX-Sum: 1\r\nHost: evil\r\napi-key: k\r\n\r\n"),
       {one, behind},
       {"x-sum", "evil", "trailer"}},
      {"a last chunk of many zeros",
       post_with(te, "20\r\n" + kBody + "\r\n000000\r\n\r\n"),
       {one, behind},
       {}},
      {"length 0", post_with("Content-Length: 0\r\n", ""), {"content-length: 0\r\n"}, {}},
      {"empty chunked body",
       post_with(te, "0\r\n\r\n"),
       {"content-length: 0\r\n"},
       {"transfer-encoding"}},
      {"body of a GET", get_with(length_field(kBody)) + kBody, {one, behind}, {}},
  });
}

TEST_F(AcceptedRequests, HopByHopFieldsStayHere) {
  expect_passed({
      {"nominated",
       get_with("Connection: x-a, X-B\r\nX-A: 1\r\nX-B: 2\r\nX-C: 3\r\n"),
       {"x-c: 3"},
       {"x-a", "x-b", "connection"}},
      {"nominated in two lines",
       get_with("Connection: x-a\r\nX-A: 1\r\nConnection: x-b\r\nX-B: 2\r\n"),
       {},
       {"x-a", "x-b"}},
      {"what frames and traces cannot be nominated",
       post_with(length_field(kBody) +
                     "Content-Type: application/json\r\ntraceparent: t\r\n"
                     "Connection: host, content-type, content-length, traceparent\r\n",
                 kBody),
       {"content-type: application/json", "traceparent: t", "host: ", "content-length: 32"},
       {}},
      {"our credential cannot be nominated",
       get_with("Connection: api-key, authorization, via\r\n"),
       {"api-key: backend-key", "via: 1.1 spillway"},
       {"test-key"}},
      {"the fixed ones",
       get_with("Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\n"
                "Trailer: X\r\nProxy-Authorization: Basic eDp5\r\nProxy-Authenticate: x\r\n"),
       {},
       {"keep-alive", "proxy-", "te:", "trailer"}},
      {"h2c is not spoken",
       get_with(
           "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
       {},
       {"upgrade", "h2c", "http2-settings"}},
      {"nor TLS within", get_with("Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n"), {}, {"upgrade"}},
      {"websocket without Connection", get_with("Upgrade: websocket\r\n"), {}, {"websocket"}},
  });
}

TEST_F(AcceptedRequests, OnlyWhatIsTheCallersToSay) {
  expect_passed({
      {"names with an underscore",
       get_with("X_Forwarded_For: 1.2.3.4\r\nContent_Length: 9\r\napi_key: k\r\n_: 1\r\n"),
       {},
       {"x_forwarded_for", "content_length", "api_key", "1.2.3.4"}},
      {"identities that front ends attest",
       get_with("X-MS-Client-Principal: e30=\r\nX-MS-CLIENT-PRINCIPAL-ID: 1\r\n"
                "X-MS-TOKEN-AAD-ACCESS-TOKEN: t\r\nx-ms-client-request-id: abc\r\n"),
       {"x-ms-client-request-id: abc"},
       {"principal", "x-ms-token"}},
      {"its key", get_with("Cookie: a=b\r\n"), {"api-key: backend-key"}, {"test-key", "cookie"}},
      {"codings that we could not read",
       get_with("Accept-Encoding: gzip, br\r\n"),
       {"accept-encoding: identity"},
       {"gzip"}},
      {"an expectation that we answer",
       post_with(length_field(kBody) + "Expect: 100-continue\r\n", kBody),
       {"content-length: 32"},
       {"expect"}},
      {"anything else passes",
       get_with("X-Empty:\r\nX-Text: caf\xc3\xa9\r\nX-Two: 1\r\nX-Two: 2\r\nX-Tab: a\tb\r\n"
                "User-Agent: test/1 (x; y)\r\nMax-Forwards: 3\r\n"),
       {"x-empty: \r\n", "x-text: caf\xc3\xa9", "x-two: 1", "x-two: 2", "x-tab: a\tb",
        "user-agent: test/1 (x; y)", "max-forwards: 3"},
       {}},
  });
}

TEST_F(AcceptedRequests, ViaNamesThisHop) {
  expect_passed({
      {"first hop", get_with(""), {"via: 1.1 spillway\r\n"}, {}},
      {"behind others",
       get_with("Via: 1.0 edge\r\nVia: HTTP/2 cdn (x)\r\n"),
       {"via: 1.0 edge, HTTP/2 cdn (x), 1.1 spillway\r\n"},
       {}},
      {"behind another of ours",
       get_with("Via: 1.1 spillway\r\n"),
       {"via: 1.1 spillway, 1.1 spillway\r\n"},
       {}},
  });
}

TEST_F(AcceptedRequests, ALoopIs508) {
  for (const char* via :
       {"1.1 spillway, 1.1 spillway", "1.1 SPILLWAY:8080 (x), 1.1 edge, 1.0 spillway"}) {
    Connection client(gateway.port());
    client.write_raw(get_with("Via: " + std::string(via) + "\r\n"));
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 508U) << via;
    EXPECT_EQ(answer.header("x-spillway-error"), "spillway_loop");
    EXPECT_EQ(answer.header("x-should-retry"), "false");
  }
  EXPECT_TRUE(backend.requests().empty());
}

class OwnAnswers : public AcceptedRequests {};

TEST_F(OwnAnswers, OptionsOfTheGatewayItself) {
  Connection client(gateway.port());
  for (const std::string& bytes :
       {kProbe, std::string("OPTIONS http://gateway HTTP/1.1\r\nHost: gateway\r\n\r\n"),
        "OPTIONS /openai/v1/models HTTP/1.1\r\n" + kHost + kKey + "Max-Forwards: 0\r\n\r\n"}) {
    client.write_raw(bytes);
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 204U) << bytes;
    EXPECT_EQ(answer.header("allow"), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    EXPECT_EQ(answer.headers.count("content-length"), 0U);
    EXPECT_FALSE(answer.header("date").empty());
  }
  EXPECT_TRUE(backend.requests().empty());
}

TEST_F(OwnAnswers, MaxForwardsOfOptionsIsOneLess) {
  expect_passed(
      {{"3",
        "OPTIONS /openai/v1/models HTTP/1.1\r\n" + kHost + kKey + "Max-Forwards: 3\r\n\r\n",
        {"max-forwards: 2\r\n"},
        {}},
       {"nonsense",
        "OPTIONS /openai/v1/models HTTP/1.1\r\n" + kHost + kKey + "Max-Forwards: many\r\n\r\n",
        {},
        {"max-forwards"}}});
}

TEST_F(OwnAnswers, HaveADate) {
  Connection client(gateway.port());
  client.write_raw(kGetLine + kHost + "\r\n");
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 401U);
  EXPECT_TRUE(answer.header("date").ends_with(" GMT"));
}

class Interims : public AcceptedRequests {};

TEST_F(Interims, ContinueIsSaidAtOnceAndTheBodyFollows) {
  Connection client(gateway.port());
  client.write_raw(post_with(length_field(kBody) + "Expect: 100-continue\r\n", ""));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.drop_received();
  client.write_raw(kBody);
  EXPECT_EQ(client.read().status, 200U);
}

TEST_F(Interims, ContinueIsNotSaidToWhoMayNotSend) {
  Connection client(gateway.port());
  client.write_raw(kPostLine + kHost + "api-key: wrong\r\n" + length_field(kBody) +
                   "Expect: 100-continue\r\n\r\n");
  const std::string text = client.read_to_end();
  EXPECT_TRUE(text.starts_with("HTTP/1.1 401 ")) << text;
}

class Http10 : public AcceptedRequests {
 protected:
  static std::string request(const std::string& fields) {
    return "GET /openai/v1/models HTTP/1.0\r\n" + kKey + fields + "\r\n";
  }
};

TEST_F(Http10, IsServedAndClosedUnlessItAsks) {
  Connection client(gateway.port());
  client.write_raw(request(""));
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(backend.offences(), std::vector<std::string>());
  EXPECT_NE(backend.requests().back().find("via: 1.0 spillway\r\n"), std::string::npos);
}

TEST_F(Http10, KeepAliveIsAnswered) {
  Connection client(gateway.port());
  for (int i = 0; i < 2; ++i) {
    client.write_raw(request("Connection: Keep-Alive\r\n"));
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.header("connection"), "keep-alive");
  }
  client.write_raw("OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.read().header("connection"), "keep-alive");
}

TEST_F(Http10, GetsNeitherChunksNorInterims) {
  backend.answer_with(
      {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
       RawBackend::Then::keep});
  Connection client(gateway.port());
  client.write_raw(request("Connection: keep-alive\r\n"));
  const std::string text = client.read_to_end();
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n")) << text;
  EXPECT_TRUE(text.ends_with("\r\n\r\nhello")) << text;
  EXPECT_EQ(text.find("chunked"), std::string::npos) << text;
  EXPECT_NE(text.find("connection: close\r\n"), std::string::npos) << text;
}

TEST_F(Http10, ItsExpectationIsNotAnswered) {
  Connection client(gateway.port());
  client.write_raw("POST /openai/v1/chat/completions HTTP/1.0\r\n" + kKey + length_field(kBody) +
                   "Expect: 100-continue\r\n\r\n" + kBody);
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 200 OK\r\n"));
}

class Pipelining : public AcceptedRequests {};

TEST_F(Pipelining, IsAnsweredInOrderAndOneAtATime) {
  std::string bytes;
  for (const char* id : {"one", "two", "three"})
    bytes += get_with("x-ms-client-request-id: " + std::string(id) + "\r\n");
  Connection client(gateway.port());
  client.write_raw(bytes + kProbe + kGetLine + kHost + "\r\n");
  for (const char* id : {"one", "two", "three"})
    EXPECT_EQ(client.read().header("x-spillway-request-id"), id);
  EXPECT_EQ(client.read().status, 204U);
  EXPECT_EQ(client.read().status, 401U);
  EXPECT_EQ(backend.requests().size(), 3U);
  EXPECT_EQ(backend.offences(), std::vector<std::string>());
}

TEST_F(Pipelining, NothingIsServedBehindConnectionClose) {
  Connection client(gateway.port());
  client.write_raw(get_with("Connection: close\r\n") + kSmuggled);
  EXPECT_EQ(client.read().header("connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(backend.requests().size(), 1U);
}

class HalfClose : public AcceptedRequests {};

// A closed client looks the same on the wire, and its answer costs money (behaviour §5).
TEST_F(HalfClose, EndsTheRequestAtTheBackend) {
  HandServer slow;
  RunningGateway before{wire_yaml({slow.url()})};
  Connection client(before.port());
  client.write_raw(get_with(""));
  Connection backend_side = slow.accept();
  backend_side.read_until("\r\n\r\n");
  client.end_sending();
  backend_side.drop_received();
  EXPECT_EQ(backend_side.read_to_end(), "");
  EXPECT_EQ(before.wait_for_records(1).front().ending, telemetry::Ending::client_gone);
}

TEST_F(HalfClose, ButOurOwnAnswerStillComes) {
  Connection client(gateway.port());
  client.write_raw(kGetLine + kHost + "\r\n");
  client.end_sending();
  EXPECT_EQ(client.read().status, 401U);
}

}  // namespace
}  // namespace spillway::integration
