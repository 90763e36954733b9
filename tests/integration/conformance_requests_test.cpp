// Requests byte for byte against the rules of docs/http-conformance.md: what is refused gets its
// status and the end of the connection, nothing behind it is taken for a request, and no backend
// hears of it.

#include "integration/conformance_world.hpp"

#include <string>
#include <vector>

namespace spillway::integration {
namespace {

class RequestConformance : public ::testing::Test {
 protected:
  void expect_refused(const RefusedRow& row) {
    SCOPED_TRACE(row.what);
    Connection client(gateway.port());
    client.write_raw(row.bytes + kSmuggled);
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, row.status) << answer.body;
    EXPECT_TRUE(answer.is_complete);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_TRUE(answer.header("x-spillway-error").starts_with("spillway_"));
    EXPECT_EQ(client.read_to_end(), "") << "something stands behind the refusal";
    EXPECT_TRUE(backend.requests().empty()) << backend.requests().front();
  }

  void expect_refused(const std::vector<RefusedRow>& rows) {
    for (const RefusedRow& row : rows)
      expect_refused(row);
  }

  RawBackend backend;
  RunningGateway gateway{wire_yaml({backend.url()}, "limits: { max_request_body: 1KiB }\n")};
};

TEST_F(RequestConformance, StartLines) {
  const std::string nul(1, '\0');
  expect_refused({
      {"no version", start("GET /openai/v1/models")},
      {"two blanks behind the method", start("GET  /openai/v1/models HTTP/1.1")},
      {"two blanks before the version", start("GET /openai/v1/models  HTTP/1.1")},
      {"tabs for blanks", start("GET\t/openai/v1/models\tHTTP/1.1")},
      {"blank in front", start(" GET /openai/v1/models HTTP/1.1")},
      {"blank behind the version", start("GET /openai/v1/models HTTP/1.1 ")},
      {"no target", start("GET HTTP/1.1")},
      {"empty target", start("GET  HTTP/1.1")},
      {"blank in the target", start("GET /openai/v1 /models HTTP/1.1")},
      {"NUL in the target", start("GET /openai/v1/mod" + nul + "els HTTP/1.1")},
      {"DEL in the target", start("GET /openai/v1/mod\x7f HTTP/1.1")},
      {"non-ASCII target", start("GET /openai/v1/mod\xc3\xa9 HTTP/1.1")},
      {"no method", start("/openai/v1/models HTTP/1.1")},
      {"method that is no token", start("GE(T /openai/v1/models HTTP/1.1")},
      {"bare LF", "GET /openai/v1/models HTTP/1.1\n" + kHost + kKey + "\r\n"},
      {"bare CR", "GET /openai/v1/models HTTP/1.1\r" + kHost + kKey + "\r\n"},
      {"bare CR inside", start("GET /openai/v1/models\r HTTP/1.1")},
      {"blank line with a blank first", " \r\n" + get_with("")},
      {"bare LF first", "\n" + get_with("")},
      {"three blank lines first", "\r\n\r\n\r\n" + get_with("")},
      {"field line that begins with a blank", kGetLine + " X: y\r\n" + kHost + kKey + "\r\n"},
      {"a TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + "\r\n\r\n"},
  });
}

TEST_F(RequestConformance, Versions) {
  expect_refused({
      {"lower case", start("GET /openai/v1/models http/1.1")},
      {"no minor", start("GET /openai/v1/models HTTP/1")},
      {"two digits", start("GET /openai/v1/models HTTP/1.10")},
      {"blank inside", start("GET /openai/v1/models HTTP/ 1.1")},
      {"letters", start("GET /openai/v1/models HTTP/x.y")},
      {"another protocol", start("GET /openai/v1/models ICY/1.1")},
      {"0.9", start("GET /openai/v1/models HTTP/0.9"), 505},
      {"1.2", start("GET /openai/v1/models HTTP/1.2"), 505},
      {"2.0", start("GET /openai/v1/models HTTP/2.0"), 505},
      {"3.0", start("GET /openai/v1/models HTTP/3.0"), 505},
      {"HTTP/2 by prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
  });
}

TEST_F(RequestConformance, Methods) {
  expect_refused({
      {"CONNECT", "CONNECT gateway:443 HTTP/1.1\r\n" + kHost + kKey + "\r\n", 405},
      {"CONNECT with a path", start("CONNECT /openai/v1/models HTTP/1.1"), 405},
      {"TRACE", start("TRACE /openai/v1/models HTTP/1.1"), 405},
      {"TRACE *", start("TRACE * HTTP/1.1"), 405},
      {"unknown", start("BREW /openai/v1/models HTTP/1.1"), 501},
      {"lower case", start("get /openai/v1/models HTTP/1.1"), 501},
      {"PRI", start("PRI /openai/v1/models HTTP/1.1"), 501},
      {"longer than 16", start("GETGETGETGETGETGET /openai/v1/models HTTP/1.1"), 501},
  });
}

TEST_F(RequestConformance, A405SaysWhatIsAllowed) {
  Connection client(gateway.port());
  client.write_raw(start("TRACE /openai/v1/models HTTP/1.1"));
  EXPECT_EQ(client.read().header("allow"), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

TEST_F(RequestConformance, TargetForms) {
  expect_refused({
      {"* of GET", start("GET * HTTP/1.1")},
      {"* of POST", start("POST * HTTP/1.1")},
      {"** of OPTIONS", start("OPTIONS ** HTTP/1.1")},
      {"authority form", start("GET gateway:80 HTTP/1.1")},
      {"no slash first", start("GET openai/v1/models HTTP/1.1")},
      {"ftp", start("GET ftp://gateway/openai/v1/models HTTP/1.1")},
      {"file", start("GET file:///etc/passwd HTTP/1.1")},
      {"user", start("GET http://u@gateway/openai/v1/models HTTP/1.1")},
      {"user and password", start("GET http://u:p@gateway/openai/v1/models HTTP/1.1")},
      {"no host", start("GET http:///openai/v1/models HTTP/1.1")},
      {"one slash", start("GET http:/gateway/openai/v1/models HTTP/1.1")},
      {"port 0", start("GET http://gateway:0/openai/v1/models HTTP/1.1")},
      {"port of 99999", start("GET http://gateway:99999/openai/v1/models HTTP/1.1")},
      {"host list", start("GET http://a,b/openai/v1/models HTTP/1.1")},
      {"absolute, but no Host", "GET http://gateway/openai/v1/models HTTP/1.1\r\n" + kKey + "\r\n"},
      {"fragment", start("GET /openai/v1/models#x HTTP/1.1")},
      {"backslash", start("GET /openai\\v1/models HTTP/1.1")},
      {"malformed escape", start("GET /openai/v1/models%zz HTTP/1.1")},
      {"escape cut short", start("GET /openai/v1/models%2 HTTP/1.1")},
      {"brackets in the path", start("GET /openai/v1/{models} HTTP/1.1")},
  });
}

TEST_F(RequestConformance, FieldLines) {
  const std::string nul(1, '\0');
  expect_refused({
      {"blank before the colon", get_with("X-A : 1\r\n")},
      {"tab before the colon", get_with("X-A\t: 1\r\n")},
      {"no colon", get_with("nonsense\r\n")},
      {"empty name", get_with(": 1\r\n")},
      {"blank in the name", get_with("X A: 1\r\n")},
      {"parenthesis in the name", get_with("X(A): 1\r\n")},
      {"non-ASCII name", get_with("X-\xc3\xa9: 1\r\n")},
      {"NUL in the name", get_with("X" + nul + "A: 1\r\n")},
      {"NUL in the value", get_with("X-A: a" + nul + "b\r\n")},
      {"control character", get_with("X-A: a\x01"
                                     "b\r\n")},
      {"escape character", get_with("X-A: \x1b[31m\r\n")},
      {"DEL", get_with("X-A: a\x7f"
                       "b\r\n")},
      {"vertical tab", get_with("X-A: \x0b"
                                "b\r\n")},
      {"bare CR in the value", get_with("X-A: a\rX-B: b\r\n")},
      {"bare LF in the value", get_with("X-A: a\nX-B: b\r\n")},
      {"bare LF behind the line", get_with("X-A: a\n")},
      {"folded by a blank", get_with("X-A: a\r\n b\r\n")},
      {"folded by a tab", get_with("X-A: a\r\n\tb\r\n")},
      {"line of one blank", get_with("X-A: a\r\n \r\n")},
      {"CR CR LF", get_with("X-A: a\r\r\n")},
  });
}

TEST_F(RequestConformance, HostField) {
  const auto with_host = [](const std::string& host) {
    return kGetLine + "Host:" + host + "\r\n" + kKey + "\r\n";
  };
  expect_refused({
      {"missing", kGetLine + kKey + "\r\n"},
      {"empty", with_host("")},
      {"two", kGetLine + kHost + "Host: other\r\n" + kKey + "\r\n"},
      {"twice the same", kGetLine + kHost + kHost + kKey + "\r\n"},
      {"list", with_host(" a, b")},
      {"path", with_host(" gateway/x")},
      {"user", with_host(" u@gateway")},
      {"query", with_host(" gateway?x")},
      {"blank inside", with_host(" gate way")},
      {"port 0", with_host(" gateway:0")},
      {"port 65536", with_host(" gateway:65536")},
      {"empty port", with_host(" gateway:")},
      {"two ports", with_host(" gateway:80:90")},
      {"letters for a port", with_host(" gateway:http")},
      {"open bracket", with_host(" [::1")},
      {"text behind the bracket", with_host(" [::1]x")},
      {"letters in brackets", with_host(" [gateway]")},
      {"escape", with_host(" gate%77ay")},
      {"non-ASCII", with_host(" gateway\xc3\xa9")},
      {"folded", kGetLine + "Host:\r\n gateway\r\n" + kKey + "\r\n"},
  });
}

TEST_F(RequestConformance, ContentLength) {
  std::vector<RefusedRow> rows;
  for (const char* value : {"+5", "-5", "0x5", "5.0", "5e0", "5;", "5,6", "5, 5, 6", "5,", ",5",
                            "5 5", "\"5\"", "five", "", "5\t5",
                            "\xc2\xa0"
                            "5",
                            "1000000000000000000", "18446744073709551621"}) {
    rows.push_back({value, post_with("Content-Length: " + std::string(value) + "\r\n", "12345")});
  }
  rows.push_back(
      {"two that differ", post_with("Content-Length: 5\r\nContent-Length: 6\r\n", "12345")});
  rows.push_back({"name with a blank", post_with("Content-Length : 5\r\n", "12345")});
  rows.push_back({"folded", post_with("Content-Length:\r\n 5\r\n", "12345")});
  expect_refused(rows);
}

TEST_F(RequestConformance, TransferEncoding) {
  const std::string end = "0\r\n\r\n";
  std::vector<RefusedRow> rows;
  for (const char* value : {"gzip", "identity", "xchunked", "chunkedx", "\"chunked\"",
                            "chunked, gzip", "chunked, identity", "chunked, chunked", "",
                            ",chunked", "chunked,", "chunked;q=1", "chunked\xff",
                            "\x0b"
                            "chunked",
                            "chun ked",
                            "\xc2\xa0"
                            "chunked"}) {
    rows.push_back({value, post_with("Transfer-Encoding: " + std::string(value) + "\r\n", end)});
  }
  const auto with = [&](const char* what, const std::string& fields, unsigned status = 400) {
    rows.push_back({what, post_with(fields, end), status});
  };
  with("CL and TE", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n");
  with("TE and CL", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n");
  with("CL 0 and TE", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n");
  with("CL and identity", "Content-Length: 5\r\nTransfer-Encoding: identity\r\n");
  with("twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n");
  with("empty, then chunked", "Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n");
  with("chunked, then another line", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n");
  with("name with a blank", "Transfer-Encoding : chunked\r\n");
  with("folded", "Transfer-Encoding:\r\n chunked\r\n");
  with("behind a bare CR", "X: y\rTransfer-Encoding: chunked\r\n");
  with("gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n", 501);
  with("another line, then chunked", "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n", 501);
  std::string old = post_with("Transfer-Encoding: chunked\r\n", end);
  old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
  rows.push_back({"in HTTP/1.0", old});
  expect_refused(rows);
}

TEST_F(RequestConformance, ChunkedBodies) {
  std::string many;
  for (int i = 0; i < 60; ++i)
    many += "1;" + std::string(99, 'e') + "\r\nx\r\n";
  const std::string nul(1, '\0');
  std::vector<RefusedRow> rows;
  const auto body = [&](const char* what, const std::string& bytes) {
    rows.push_back({what, post_with("Transfer-Encoding: chunked\r\n", bytes)});
  };
  body("no size", "\r\nabc\r\n0\r\n\r\n");
  body("not hexadecimal", "zz\r\nabc\r\n0\r\n\r\n");
  body("0x", "0x3\r\nabc\r\n0\r\n\r\n");
  body("plus", "+3\r\nabc\r\n0\r\n\r\n");
  body("minus", "-3\r\nabc\r\n0\r\n\r\n");
  body("blank before the size", " 3\r\nabc\r\n0\r\n\r\n");
  body("blank behind the size", "3 \r\nabc\r\n0\r\n\r\n");
  body("sixteen digits", "0000000000000003\r\nabc\r\n0\r\n\r\n");
  body("2^64", "10000000000000000\r\nabc\r\n0\r\n\r\n");
  body("bare LF behind the size", "3\nabc\r\n0\r\n\r\n");
  body("bare CR behind the size", "3\rabc\r\n0\r\n\r\n");
  body("bare LF in an extension", "3;a\nb\r\nabc\r\n0\r\n\r\n");
  body("NUL in an extension", "3;a" + nul + "b\r\nabc\r\n0\r\n\r\n");
  body("extension of 5000 bytes", "3;" + std::string(5'000, 'e') + "\r\nabc\r\n0\r\n\r\n");
  body("extensions of 6000 bytes together", many + "0\r\n\r\n");
  body("chunk longer than its size", "3\r\nabcd\r\n0\r\n\r\n");
  body("chunk without CRLF", "3\r\nabc0\r\n\r\n");
  body("bare LF behind a chunk", "3\r\nabc\n0\r\n\r\n");
  body("bare LF at the end", "0\r\n\n");
  body("trailer without a colon", "0\r\nnonsense\r\n\r\n");
  body("trailer with a blank before the colon", "0\r\nX : y\r\n\r\n");
  body("folded trailer", "0\r\nX: y\r\n z\r\n\r\n");
  body("control character in a trailer", "0\r\nX: \x01\r\n\r\n");
  body("trailers of 9000 bytes", "0\r\nX: " + std::string(9'000, 't') + "\r\n\r\n");
  body("a request for a trailer", "0\r\nGET /x HTTP/1.1\r\n\r\n");
  expect_refused(rows);
}

TEST_F(RequestConformance, SizesAndExpectations) {
  std::string fields;
  for (int i = 0; i < 101; ++i)
    fields += "X-" + std::to_string(i) + ": 1\r\n";
  const std::string big = "{\"model\":\"gpt-4o\",\"user\":\"" + std::string(2'000, 'x') + "\"}";
  expect_refused({
      {"line of 9000", start("GET /openai/v1/" + std::string(9'000, 'a') + " HTTP/1.1"), 414},
      {"head of 40000",
       get_with("X-A: " + std::string(10'000, 'a') + "\r\nX-B: " + std::string(15'000, 'a') +
                "\r\nX-C: " + std::string(15'000, 'a') + "\r\n"),
       431},
      {"value of 17000", get_with("X-A: " + std::string(17'000, 'a') + "\r\n"), 431},
      {"103 fields", get_with(fields), 431},
      {"body over the limit", post_with(length_field(big), big), 413},
      {"the same, asked before", post_with(length_field(big) + "Expect: 100-continue\r\n", ""),
       413},
      {"chunks over the limit",
       post_with("Transfer-Encoding: chunked\r\n", "1000\r\n" + std::string(2'048, ' ')), 413},
      {"unknown expectation", get_with("Expect: a-miracle\r\n"), 417},
      {"unknown one in a list", post_with(length_field(kBody) + "Expect: 100-continue, x\r\n", ""),
       417},
  });
}

TEST_F(RequestConformance, OnlyWellFormedWebSocketsUpgrade) {
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  const std::string line = "GET /openai/v1/realtime?model=gpt-4o HTTP/1.1\r\n";
  const auto with = [&](const std::string& fields) {
    return line + kHost + kKey + upgrade + fields;
  };
  expect_refused({
      {"with a body", with(key + "Sec-WebSocket-Version: 13\r\nContent-Length: 5\r\n\r\nhello")},
      {"with chunks",
       with(key + "Sec-WebSocket-Version: 13\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello")},
  });
  for (const auto& [fields, status] : std::vector<std::pair<std::string, unsigned>>{
           {"Sec-WebSocket-Version: 13\r\n\r\n", 400},
           {"Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n", 400},
           {key + key + "Sec-WebSocket-Version: 13\r\n\r\n", 400},
           {key + "Sec-WebSocket-Version: 8\r\n\r\n", 426}}) {
    Connection client(gateway.port());
    client.write_raw(with(fields));
    EXPECT_EQ(client.read().status, status) << fields;
  }
  EXPECT_TRUE(backend.requests().empty());
}

// No framing is in doubt, so the connection lives on.
TEST_F(RequestConformance, AmbiguousPaths) {
  Connection client(gateway.port());
  for (const char* target : {"/openai/v1/../v1/models",
                             "/openai/./v1/models",
                             "/openai/v1/models/..",
                             "/../openai/v1/x",
                             "/openai/%2e%2e/openai/v1/models",
                             "/openai/v1/%2E%2e/models",
                             "/openai/v1/.%2e/models",
                             "/openai//v1/models",
                             "//openai/v1/models",
                             "/openai/v1%2fmodels",
                             "/openai/v1%2Fmodels",
                             "/openai/v1/a%5cb",
                             "/openai/v1/a%00b",
                             "/openai/v1/a%0ab",
                             "/openai/v1/a%0db",
                             "/openai/v1/a%25b",
                             "/openai/v1/%252e%252e/models",
                             "/openai/v1;x=y/models",
                             "/openai/v1/..;/models",
                             "/openai/v1/a%7fb"}) {
    client.write_raw("GET " + std::string(target) + " HTTP/1.1\r\n" + kHost + kKey + "\r\n");
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 400U) << target << ": " << answer.body;
    EXPECT_TRUE(answer.is_complete) << target;
  }
  EXPECT_TRUE(backend.requests().empty());
}

TEST_F(RequestConformance, ARefusalOfHeadHasNoBody) {
  Connection client(gateway.port());
  client.write_raw("HEAD /openai/v1/models HTTP/1.1\r\n" + kKey + "\r\n");
  EXPECT_EQ(client.read("HEAD").status, 400U);
  EXPECT_EQ(client.read_to_end(), "");
}

}  // namespace
}  // namespace spillway::integration
