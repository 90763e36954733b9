// Attempts to make two readers disagree about where a message ends, or to get bytes through that
// somebody behind us could misread: each must be refused with its status, and nothing behind it may
// be taken for a request, however the bytes are split.

#include "transcript.hpp"

#include <gtest/gtest.h>

namespace spillway::http {
namespace {

struct Attempt {
  const char* name;
  std::string bytes;
  std::string expected;  // the transcript
};

const std::string kNext = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kRefused = "bad_request 400\n";

Attempt post(const char* name, const std::string& fields, const std::string& expected = kRefused) {
  return {name, "POST / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n\r\n" + kNext, expected};
}

Attempt raw_head(const char* name, const std::string& head,
                 const std::string& expected = kRefused) {
  return {name, head + "\r\n\r\n" + kNext, expected};
}

Attempt chunked(const char* name, const std::string& body) {
  return {name, "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body + kNext,
          "POST /c 1.1 {cut} bad_request 400\n"};
}

std::vector<Attempt> length_and_encoding() {
  return {
      post("CL then TE", "Content-Length: 6\r\nTransfer-Encoding: chunked"),
      post("TE then CL", "Transfer-Encoding: chunked\r\nContent-Length: 6"),
      post("CL 0 and TE", "Content-Length: 0\r\nTransfer-Encoding: chunked"),
      post("TE identity then CL", "Transfer-Encoding: identity\r\nContent-Length: 3"),
      post("TE gzip then CL", "Transfer-Encoding: gzip\r\nContent-Length: 3"),
      post("two CL", "Content-Length: 6\r\nContent-Length: 5"),
      post("CL list", "Content-Length: 6, 5"),
      post("CL list with empty member", "Content-Length: 6,"),
      post("CL negative", "Content-Length: -1"),
      post("CL plus", "Content-Length: +6"),
      post("CL hex", "Content-Length: 0x6"),
      post("CL empty", "Content-Length:"),
      post("CL with blank inside", "Content-Length: 1 0"),
      post("CL with suffix", "Content-Length: 6abc"),
      post("CL overflow", "Content-Length: 18446744073709551617"),
      post("CL of 19 digits", "Content-Length: 1000000000000000000"),
      post("CL quoted", "Content-Length: \"6\""),
      post("CL with a control character", "Content-Length: 6\x0b"),
      post("CL name with blank", "Content-Length : 6"),
      post("CL name with tab", "Content-Length\t: 6"),
      post("CL folded", "Content-Length:\r\n 6"),
  };
}

std::vector<Attempt> encodings() {
  return {
      post("TE identity", "Transfer-Encoding: identity"),
      post("TE gzip", "Transfer-Encoding: gzip"),
      post("TE xchunked", "Transfer-Encoding: xchunked"),
      post("TE chunkedx", "Transfer-Encoding: chunkedx"),
      post("TE quoted", "Transfer-Encoding: \"chunked\""),
      post("TE empty", "Transfer-Encoding:"),
      post("TE nbsp",
           "Transfer-Encoding: \xc2\xa0"
           "chunked"),
      post("TE high byte", "Transfer-Encoding: chunked\xff"),
      post("TE chunked, identity", "Transfer-Encoding: chunked, identity"),
      post("TE chunked, gzip", "Transfer-Encoding: chunked, gzip"),
      post("TE chunked, chunked", "Transfer-Encoding: chunked, chunked"),
      post("TE twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
      post("TE chunked then x", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x"),
      post("TE comma", "Transfer-Encoding: ,chunked"),
      post("TE parameter", "Transfer-Encoding: chunked;q=1"),
      post("TE folded", "Transfer-Encoding:\r\n chunked"),
      post("TE folded value", "Transfer-Encoding: chun\r\n ked"),
      post("TE name with blank", "Transfer-Encoding : chunked"),
      post("TE behind a blank", " Transfer-Encoding: chunked"),
      post("TE with vertical tab",
           "Transfer-Encoding: \x0b"
           "chunked"),
      post("TE with form feed", "Transfer-Encoding: chunked\x0c"),
      post("TE behind bare CR", "X: y\rTransfer-Encoding: chunked"),
      post("TE behind bare LF", "X: y\nTransfer-Encoding: chunked"),
      post("TE behind NUL", std::string("X: y\0Transfer-Encoding: chunked", 30)),
      post("TE gzip, chunked", "Transfer-Encoding: gzip, chunked", "bad_request 501\n"),
      post("TE in two fields", "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
           "bad_request 501\n"),
      raw_head("TE on HTTP/1.0", "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked"),
      raw_head("TE on HTTP/1.0, kept alive",
               "POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked"),
  };
}

std::vector<Attempt> heads() {
  return {
      raw_head("no Host", "GET / HTTP/1.1"),
      raw_head("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b"),
      raw_head("the same Host twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: a"),
      raw_head("Host with path", "GET / HTTP/1.1\r\nHost: a/b"),
      raw_head("Host with user", "GET / HTTP/1.1\r\nHost: u@a"),
      raw_head("Host list", "GET / HTTP/1.1\r\nHost: a, b"),
      raw_head("Host with bad port", "GET / HTTP/1.1\r\nHost: a:99999"),
      raw_head("empty Host", "GET / HTTP/1.1\r\nHost:"),
      raw_head("folded Host", "GET / HTTP/1.1\r\nHost: a\r\n b"),
      raw_head("absolute form with user", "GET http://u@a/ HTTP/1.1\r\nHost: a"),
      raw_head("other scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a"),
      raw_head("asterisk", "GET * HTTP/1.1\r\nHost: a"),
      raw_head("unknown method", "BREW / HTTP/1.1\r\nHost: a", "bad_request 501\n"),
      raw_head("method in lower case", "get / HTTP/1.1\r\nHost: a", "bad_request 501\n"),
      raw_head("authority form", "CONNECT a:443 HTTP/1.1\r\nHost: a", "bad_request 405\n"),
      raw_head("fragment", "GET /#a HTTP/1.1\r\nHost: a"),
      raw_head("backslash", "GET /\\a HTTP/1.1\r\nHost: a"),
      raw_head("non-ASCII target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a"),
      raw_head("blank in target", "GET /a b HTTP/1.1\r\nHost: a"),
      raw_head("tab for blank", "GET\t/\tHTTP/1.1\r\nHost: a"),
      raw_head("HTTP/0.9", "GET /"),
      raw_head("HTTP/2.0", "GET / HTTP/2.0\r\nHost: a", "bad_request 505\n"),
      raw_head("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a", "bad_request 505\n"),
      raw_head("lower-case version", "GET / http/1.1\r\nHost: a"),
      raw_head("blank behind the version", "GET / HTTP/1.1 \r\nHost: a"),
      raw_head("bare CR in the request line", "GET /\rX HTTP/1.1\r\nHost: a"),
      raw_head("bare LF behind the request line", "GET / HTTP/1.1\nHost: a"),
      raw_head("blank line first of the fields", "GET / HTTP/1.1\r\n Host: a"),
      raw_head("no colon", "GET / HTTP/1.1\r\nHost: a\r\nJunk"),
      raw_head("empty name", "GET / HTTP/1.1\r\nHost: a\r\n: x"),
      raw_head("NUL in a name", std::string("GET / HTTP/1.1\r\nHo\0st: a", 24)),
      raw_head("control character in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \x01"),
      raw_head("three leading blank lines", "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a"),
      raw_head("leading bare LF", "\nGET / HTTP/1.1\r\nHost: a"),
      raw_head("leading blank", " GET / HTTP/1.1\r\nHost: a"),
      raw_head("TLS hello", "\x16\x03\x01\x02"),
      raw_head("unknown expectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: x",
               "bad_request 417\n"),
      raw_head("broken Connection", "GET / HTTP/1.1\r\nHost: a\r\nConnection: \"close"),
  };
}

std::vector<Attempt> chunks() {
  return {
      chunked("0x prefix", "0x3\r\nabc\r\n0\r\n\r\n"),
      chunked("plus sign", "+3\r\nabc\r\n0\r\n\r\n"),
      chunked("leading blank", " 3\r\nabc\r\n0\r\n\r\n"),
      chunked("trailing blank", "3 \r\nabc\r\n0\r\n\r\n"),
      chunked("sixteen digits", "0000000000000003\r\nabc\r\n0\r\n\r\n"),
      chunked("size overflow", "ffffffffffffffff3\r\nabc\r\n0\r\n\r\n"),
      chunked("bare LF behind the size", "3\nabc\r\n0\r\n\r\n"),
      chunked("bare CR behind the size", "3\rabc\r\n0\r\n\r\n"),
      chunked("bare LF in an extension", "3;a\nb\r\nabc\r\n0\r\n\r\n"),
      chunked("chunk too long", "3\r\nabcd\r\n0\r\n\r\n"),
      chunked("chunk without CRLF", "3\r\nabc0\r\n\r\n"),
      chunked("bare LF behind a chunk", "3\r\nabc\n0\r\n\r\n"),
      chunked("empty size", "\r\nabc\r\n0\r\n\r\n"),
      chunked("request for a trailer", "0\r\nGET /x HTTP/1.1\r\n\r\n"),
      chunked("folded trailer", "0\r\nA: b\r\n c\r\n\r\n"),
      chunked("bare LF at the end", "0\r\n\n"),
      chunked("extensions over the limit", "1;" + std::string(5000, 'x') + "\r\na\r\n0\r\n\r\n"),
      chunked("trailers over the limit", "0\r\nA: " + std::string(9000, 'x') + "\r\n\r\n"),
  };
}

void refuse_all(const std::vector<Attempt>& attempts) {
  for (const Attempt& attempt : attempts) {
    EXPECT_EQ(request_transcript(all_at_once(attempt.bytes)), attempt.expected) << attempt.name;
    EXPECT_EQ(request_transcript(in_steps(attempt.bytes, 1)), attempt.expected) << attempt.name;
    EXPECT_EQ(request_transcript(in_steps(attempt.bytes, 7)), attempt.expected) << attempt.name;
  }
}

TEST(Smuggling, LengthAndEncoding) {
  refuse_all(length_and_encoding());
}
TEST(Smuggling, Encodings) {
  refuse_all(encodings());
}
TEST(Smuggling, Heads) {
  refuse_all(heads());
}
TEST(Smuggling, Chunks) {
  refuse_all(chunks());
}

// A backend is not trusted either.
TEST(Smuggling, FromABackend) {
  const std::string next = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad";
  const std::vector<std::string> heads{
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4",
      "HTTP/1.1 200 OK\r\nContent-Length: x",
      "HTTP/1.1 200 OK\r\nContent-Length : 3",
      "HTTP/1.1 200 OK\r\nX: a\r\n folded",
      "HTTP/1.1 200 OK\nContent-Length: 3",
      "HTTP/1.1 999 What",
      "HTTP/1.1 099 What",
      "HTTP/2 200",
      "\r\nHTTP/1.1 200 OK",
      "ICY 200 OK",
  };
  for (const std::string& head : heads) {
    const std::string bytes = head + "\r\n\r\n" + next;
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}}) {
      const std::string text = response_transcript(in_steps(bytes, step), {"GET", "GET"});
      EXPECT_TRUE(text.starts_with("upstream_malformed ")) << head << ": " << text;
      EXPECT_EQ(text.find("bad}"), std::string::npos) << head;
    }
  }
}

}  // namespace
}  // namespace spillway::http
