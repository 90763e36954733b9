// Answers of backends that are in order, byte for byte: the client gets one clean answer in the
// framing that it can read, and a connection is used again only if nothing is left on it
// (docs/http-conformance.md).

#include "integration/conformance_world.hpp"

#include <string>
#include <vector>

namespace spillway::integration {
namespace {

using Then = RawBackend::Then;

enum class Reuse { kept, dropped };

struct WholeRow {
  const char* what;
  std::string bytes;
  Reuse reuse = Reuse::kept;
  std::vector<std::string> holds;  // in what the client gets
  std::vector<std::string> lacks;
  Then then = Then::keep;
  std::string method = "GET";
};

class WholeAnswers : public ::testing::Test {
 protected:
  // The answer, and behind it on the same connection of the client the next one, which shows where
  // the first ended. No connection to the backend is left over for the next row.
  std::string both_answers(const WholeRow& row) {
    backend.answer_with({row.bytes, row.then});
    Connection client(gateway.port());
    client.write_raw(row.method + " /openai/v1/models HTTP/1.1\r\n" + kHost + kKey + "\r\n");
    gateway.wait_for_records(++requests);
    backend.answer_with({kOk + "Content-Length: 4\r\nConnection: close\r\n\r\nnext", Then::close});
    client.write_raw(get_with("Connection: close\r\n"));
    gateway.wait_for_records(++requests);
    return client.read_to_end();
  }

  void expect_whole(const WholeRow& row) {
    SCOPED_TRACE(row.what);
    const std::size_t connections = backend.connections();
    std::string text = both_answers(row);
    const auto next = text.rfind(kOk);
    ASSERT_NE(next, std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("\r\n\r\nnext")) << text;
    text.resize(next);
    for (const std::string& part : row.holds)
      EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
    for (const std::string& part : row.lacks)
      EXPECT_EQ(text.find(part), std::string::npos) << part << " is in\n" << text;
    const std::size_t made = row.reuse == Reuse::kept ? 1 : 2;
    EXPECT_EQ(backend.connections(), connections + made);
    EXPECT_EQ(backend.requests().size(), requests);
  }

  void expect_whole(const std::vector<WholeRow>& rows) {
    for (const WholeRow& row : rows)
      expect_whole(row);
    EXPECT_EQ(backend.offences(), std::vector<std::string>());
  }

  RawBackend backend;
  RunningGateway gateway{wire_yaml({backend.url()})};
  std::size_t requests = 0;
};

TEST_F(WholeAnswers, BodiesInTheFramingOfTheClient) {
  const std::string chunked = kOk + "Transfer-Encoding: chunked\r\n\r\n";
  const std::string in_chunks = "\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  expect_whole({
      {"length",
       kOk + "Content-Length: 5\r\n\r\nhello",
       Reuse::kept,
       {"content-length: 5\r\n", "\r\n\r\nhello"},
       {"chunked"}},
      {"the same length twice",
       kOk + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
       Reuse::kept,
       {"content-length: 5\r\n", "\r\n\r\nhello"},
       {"Content-Length"}},
      {"leading zeros",
       kOk + "Content-Length: 005\r\n\r\nhello",
       Reuse::kept,
       {"content-length: 5\r\n"},
       {"005"}},
      {"length 0", kOk + "Content-Length: 0\r\n\r\n", Reuse::kept, {"content-length: 0\r\n"}, {}},
      {"chunks",
       chunked + "5\r\nhello\r\n0\r\n\r\n",
       Reuse::kept,
       {"transfer-encoding: chunked\r\n", in_chunks},
       {"content-length"}},
      {"extensions go",
       chunked + "5;a=b\r\nhello\r\n0;c\r\n\r\n",
       Reuse::kept,
       {in_chunks},
       {"a=b", ";c"}},
      {"trailers go",
       chunked + "5\r\nhello\r\n0\r\nSet-Cookie: a\r\nX: y\r\n\r\n",
       Reuse::kept,
       {in_chunks},
       {"Set-Cookie", "X: y"}},
      {"ended by the connection",
       kOk + "\r\nhello",
       Reuse::dropped,
       {"transfer-encoding: chunked\r\n", in_chunks},
       {},
       Then::close},
      {"HTTP/1.0, ended by the connection",
       "HTTP/1.0 200 Fine\r\n\r\nhello",
       Reuse::dropped,
       {"HTTP/1.1 200 Fine\r\n", "transfer-encoding: chunked\r\n", in_chunks},
       {},
       Then::close},
      {"HTTP/1.0 with a length",
       "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
       Reuse::dropped,
       {"content-length: 5\r\n"},
       {}},
      {"HTTP/1.0 that is kept",
       "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello",
       Reuse::kept,
       {"content-length: 5\r\n"},
       {"keep-alive"}},
      {"Connection: close",
       kOk + "Content-Length: 5\r\nConnection: close\r\n\r\nhello",
       Reuse::dropped,
       {"\r\n\r\nhello"},
       {"close"}},
  });
}

TEST_F(WholeAnswers, ThoseWithoutABody) {
  const std::string no_content = "HTTP/1.1 204 No Content\r\n";
  const std::string not_modified = "HTTP/1.1 304 Not Modified\r\n";
  const std::vector<std::string> no_framing{"ontent-length", "ransfer-encoding", "ontent-Length"};
  expect_whole({
      {"204", no_content + "\r\n", Reuse::kept, {"HTTP/1.1 204 No Content\r\n"}, no_framing},
      {"204 with a length",
       no_content + "Content-Length: 5\r\n\r\n",
       Reuse::dropped,
       {},
       no_framing},
      {"204 with a body",
       no_content + "Content-Length: 6\r\n\r\nPOISON",
       Reuse::dropped,
       {},
       {"POISON"}},
      {"204 with chunks",
       no_content + "Transfer-Encoding: chunked\r\n\r\n6\r\nPOISON\r\n0\r\n\r\n",
       Reuse::dropped,
       {},
       {"POISON", "hunked"}},
      {"304",
       not_modified + "Content-Length: 500\r\nETag: \"x\"\r\n\r\n",
       Reuse::kept,
       {"content-length: 500\r\n", "ETag: \"x\"\r\n"},
       {}},
      {"304 with a body",
       not_modified + "Content-Length: 6\r\n\r\nPOISON",
       Reuse::dropped,
       {},
       {"POISON"}},
      {"HEAD",
       kOk + "Content-Length: 500\r\n\r\n",
       Reuse::kept,
       {"content-length: 500\r\n"},
       {},
       Then::keep,
       "HEAD"},
      {"HEAD with a body",
       kOk + "Content-Length: 6\r\n\r\nPOISON",
       Reuse::dropped,
       {},
       {"POISON"},
       Then::keep,
       "HEAD"},
      {"HEAD of chunks",
       kOk + "Transfer-Encoding: chunked\r\n\r\n",
       Reuse::kept,
       {},
       {"0\r\n\r\n"},
       Then::keep,
       "HEAD"},
      {"205",
       "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n",
       Reuse::kept,
       {"HTTP/1.1 205 ", "content-length: 0\r\n"},
       {}},
  });
}

TEST_F(WholeAnswers, InterimHeadsBeforeThem) {
  const std::string end = kOk + "Content-Length: 5\r\n\r\nhello";
  std::string eight;
  for (int i = 0; i < 8; ++i)
    eight += "HTTP/1.1 102 Processing\r\n\r\n";
  expect_whole({
      {"100 stays here",
       "HTTP/1.1 100 Continue\r\n\r\n" + end,
       Reuse::kept,
       {"\r\n\r\nhello"},
       {"HTTP/1.1 100"}},
      {"103 is passed on",
       "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x-b\r\nX-B: 1\r\n"
       "Content-Length: 7\r\n\r\n" +
           end,
       Reuse::kept,
       {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n"},
       {"X-B", "ength: 7"}},
      {"eight are", eight + end, Reuse::kept, {eight + "HTTP/1.1 200 OK\r\n"}, {}},
      {"others as well",
       "HTTP/1.1 199 Odd\r\n\r\n" + end,
       Reuse::kept,
       {"HTTP/1.1 199 Odd\r\n\r\n"},
       {}},
  });
}

TEST_F(WholeAnswers, WhatStandsBehindThemIsNobodys) {
  const std::string hello = kOk + "Content-Length: 5\r\n\r\nhello";
  const std::string poison = kOk + "Content-Length: 6\r\n\r\nPOISON";
  const std::string chunks = kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  expect_whole({
      {"bytes behind a length", hello + "POISON", Reuse::dropped, {"\r\n\r\nhello"}, {"POISON"}},
      {"an answer behind a length", hello + poison, Reuse::dropped, {}, {"POISON"}},
      {"an answer behind the last chunk", chunks + poison, Reuse::dropped, {}, {"POISON"}},
      {"an answer behind a 204",
       "HTTP/1.1 204 No Content\r\n\r\n" + poison,
       Reuse::dropped,
       {},
       {"POISON"}},
      {"CRLF behind a length", hello + "\r\n", Reuse::dropped, {}, {}},
      {"a 408 of an idle server",
       hello + "HTTP/1.1 408 Request Timeout\r\n\r\n",
       Reuse::dropped,
       {},
       {"408"}},
  });
}

TEST_F(WholeAnswers, FieldsForTheBackendsConnectionOnlyStayHere) {
  const std::string rest = "Content-Length: 5\r\n\r\nhello";
  expect_whole({
      {"nominated",
       kOk + "Connection: x-a\r\nX-A: 1\r\nX-B: 2\r\n" + rest,
       Reuse::kept,
       {"X-B: 2\r\n"},
       {"X-A", "x-a", "onnection"}},
      {"the fixed ones",
       kOk +
           "Keep-Alive: timeout=5\r\nProxy-Connection: x\r\nTrailer: X\r\nUpgrade: h2c\r\n"
           "Proxy-Authenticate: Basic\r\n" +
           rest,
       Reuse::kept,
       {},
       {"Keep-Alive", "Proxy", "Trailer", "pgrade"}},
      {"names of ours are not forged",
       kOk + "x-spillway-backend: other\r\nX-Spillway-Error: no\r\n" + rest,
       Reuse::kept,
       {"x-spillway-backend: raw0\r\n"},
       {"other", "X-Spillway-Error"}},
      {"what is limits and identity cannot be nominated",
       kOk + "Connection: retry-after, x-ms-region, date\r\nRetry-After: 3\r\nx-ms-region: e\r\n" +
           rest,
       Reuse::kept,
       {"Retry-After: 3\r\n", "x-ms-region: e\r\n"},
       {}},
      {"anything else passes",
       "HTTP/1.1 200 \r\nX-Text: caf\xc3\xa9\r\nX_Under: 1\r\nX-Two: 1\r\nX-Two: 2\r\n" + rest,
       Reuse::kept,
       {"HTTP/1.1 200 \r\n", "X-Text: caf\xc3\xa9\r\n", "X_Under: 1\r\n",
        "X-Two: 1\r\nX-Two: 2\r\n"},
       {}},
      {"a date of its own",
       kOk + "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" + rest,
       Reuse::kept,
       {"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"},
       {"date: "}},
      {"else ours", kOk + rest, Reuse::kept, {"\r\ndate: "}, {}},
      {"no Via towards clients", kOk + rest, Reuse::kept, {}, {"via"}},
  });
}

// What a backend says while nobody has asked it anything must not meet the next request.
TEST(IdleConnection, ThatSpeaksIsNotUsedAgain) {
  HandServer server;
  RunningGateway gateway(wire_yaml({server.url()}));
  Connection client(gateway.port());
  client.write_raw(get_with(""));
  Connection first = server.accept();
  first.read_until("\r\n\r\n");
  first.drop_received();
  first.write_raw(kOk + "Content-Length: 5\r\n\r\nhello");
  EXPECT_EQ(client.read().body, "hello");
  gateway.wait_for_records(1);
  first.write_raw(kOk + "Content-Length: 6\r\n\r\nPOISON");
  client.write_raw(get_with(""));
  Connection second = server.accept();
  second.read_until("\r\n\r\n");
  second.write_raw(kOk + "Content-Length: 4\r\n\r\nnext");
  EXPECT_EQ(client.read().body, "next");
  EXPECT_EQ(first.read_to_end(), "");
}

}  // namespace
}  // namespace spillway::integration
