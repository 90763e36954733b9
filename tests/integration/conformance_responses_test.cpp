// Answers of backends byte for byte against the rules of docs/http-conformance.md: what is broken
// before its body is answered by the next backend, what breaks later is visibly cut, and nothing
// that was not part of an answer reaches anybody.

#include "integration/conformance_world.hpp"
#include "support/certificates.hpp"

#include <string>
#include <vector>

namespace spillway::integration {
namespace {

using Then = RawBackend::Then;

struct AnswerRow {
  const char* what;
  std::string bytes;
  Then then = Then::keep;
};

/// Part of every broken answer: must never be seen.
const std::string kPoison = "POISON";

std::string poisoned(const std::string& head) {
  return head + "\r\n\r\n" + kPoison + "\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n" + kPoison;
}

AnswerRow broken(const char* what, const std::string& head) {
  return {what, poisoned(head), Then::keep};
}

class BrokenAnswers : public ::testing::Test {
 protected:
  void expect_moved_on(const AnswerRow& row) {
    SCOPED_TRACE(row.what);
    const std::size_t connections = first.connections();
    const std::size_t closed = first.closed_by_gateway();
    first.answer_with({row.bytes, row.then});
    Connection client(gateway.port());
    client.write_raw(post_with(length_field(kBody), kBody));
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200U) << answer.body;
    EXPECT_NE(answer.body.find("second"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.header("x-spillway-backend"), "raw1");
    client.write_raw(kProbe);
    EXPECT_EQ(client.read().status, 204U) << "the connection is out of step";
    EXPECT_GT(first.connections(), connections) << "a connection in doubt was used again";
    if (row.then == Then::keep) {
      EXPECT_TRUE(eventually([&] { return first.closed_by_gateway() > closed; }));
    }
  }

  void expect_moved_on(const std::vector<AnswerRow>& rows) {
    for (const AnswerRow& row : rows)
      expect_moved_on(row);
    EXPECT_EQ(first.offences(), std::vector<std::string>());
    EXPECT_EQ(second.offences(), std::vector<std::string>());
  }

  RawBackend first;
  RawBackend second{RawBackend::ok("second")};
  RunningGateway gateway{wire_yaml({first.url(), second.url()})};
};

TEST_F(BrokenAnswers, StatusLines) {
  const std::string rest = "\r\nContent-Length: 6";
  expect_moved_on({
      {"garbage", std::string("\x15\x03\x01\x00\x02\x02\x28 garbage\r\n\r\n", 19), Then::keep},
      {"HTTP/0.9", "<html>" + kPoison + "</html>", Then::close},
      broken("another protocol", "ICY 200 OK" + rest),
      broken("blank line first", "\r\nHTTP/1.1 200 OK" + rest),
      broken("blank first", " HTTP/1.1 200 OK" + rest),
      broken("bare LF", "HTTP/1.1 200 OK\nContent-Length: 6"),
      broken("bare CR", "HTTP/1.1 200 OK\rContent-Length: 6"),
      broken("lower case", "http/1.1 200 OK" + rest),
      broken("HTTP/2", "HTTP/2 200" + rest),
      broken("HTTP/2.0", "HTTP/2.0 200 OK" + rest),
      broken("HTTP/1.2", "HTTP/1.2 200 OK" + rest),
      broken("status 000", "HTTP/1.1 000 Zero" + rest),
      broken("status 099", "HTTP/1.1 099 Low" + rest),
      broken("status 600", "HTTP/1.1 600 High" + rest),
      broken("status 999", "HTTP/1.1 999 High" + rest),
      broken("two digits", "HTTP/1.1 20 OK" + rest),
      broken("four digits", "HTTP/1.1 2000 OK" + rest),
      broken("letters", "HTTP/1.1 OK 200" + rest),
      broken("no status", "HTTP/1.1" + rest),
      broken("two blanks", "HTTP/1.1  200 OK" + rest),
      broken("control character in the reason", "HTTP/1.1 200 O\x01K" + rest),
  });
}

TEST_F(BrokenAnswers, FieldLines) {
  const std::string nul(1, '\0');
  const std::string length = "\r\nContent-Length: 6";
  expect_moved_on({
      broken("blank before the colon", kOk + "Content-Length : 6"),
      broken("folded", kOk + "X-A: 1\r\n 2" + length),
      broken("no colon", kOk + "nonsense" + length),
      broken("empty name", kOk + ": 1" + length),
      broken("blank in the name", kOk + "X A: 1" + length),
      broken("NUL in a value", kOk + "X-A: a" + nul + "b" + length),
      broken("control character", kOk + "X-A: a\x02" + length),
      broken("bare CR in a value", kOk + "X-A: a\rX-B: b" + length),
      broken("bare LF in a value", kOk + "X-A: a\nX-B: b" + length),
      broken("field line that begins with a blank", kOk + " X-A: a" + length),
  });
}

TEST_F(BrokenAnswers, Framing) {
  std::vector<AnswerRow> rows;
  for (const char* fields :
       {"Content-Length: 6\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 6", "Content-Length: 6\r\nContent-Length: 7",
        "Content-Length: 6, 7", "Content-Length: -6", "Content-Length: +6", "Content-Length: 0x6",
        "Content-Length: six", "Content-Length:", "Content-Length: 6;",
        "Content-Length: 18446744073709551617", "Transfer-Encoding: gzip",
        "Transfer-Encoding: identity", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, gzip", "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding:", "Transfer-Encoding: \"chunked\""}) {
    rows.push_back(broken(fields, kOk + fields));
  }
  rows.push_back(broken("chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked"));
  expect_moved_on(rows);
}

TEST_F(BrokenAnswers, Sizes) {
  std::string many;
  for (int i = 0; i < 201; ++i)
    many += "X-" + std::to_string(i) + ": 1\r\n";
  std::string long_fields;
  for (int i = 0; i < 5; ++i)
    long_fields += "X-" + std::to_string(i) + ": " + std::string(14'000, 'x') + "\r\n";
  expect_moved_on({
      broken("70000 bytes", kOk + long_fields + "Content-Length: 6"),
      broken("202 fields", kOk + many + "Content-Length: 6"),
      broken("value of 33000 bytes", kOk + "X-A: " + std::string(33'000, 'x')),
      {"a line without an end", kOk + "X-A: " + std::string(100'000, 'x'), Then::keep},
  });
}

TEST_F(BrokenAnswers, InterimHeads) {
  std::string nine;
  std::string large;
  for (int i = 0; i < 9; ++i)
    nine += "HTTP/1.1 102 Processing\r\n\r\n";
  for (int i = 0; i < 5; ++i)
    large += "HTTP/1.1 103 Early Hints\r\nLink: " + std::string(14'000, 'x') + "\r\n\r\n";
  const std::string ok = kOk + "Content-Length: 6";
  expect_moved_on({
      broken("nine", nine + ok),
      broken("70000 bytes of them", large + ok),
      broken("endless 100",
             [] {
               std::string bytes;
               for (int i = 0; i < 1'000; ++i)
                 bytes += "HTTP/1.1 100 Continue\r\n\r\n";
               return bytes;
             }()),
      broken("a broken one", "HTTP/1.1 103 Early Hints\r\nLink: \x01\r\n\r\n" + ok),
      broken("101 unasked",
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade"),
      broken("101 to h2c",
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade"),
      broken("101 behind a 100",
             "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n"
             "Upgrade: websocket\r\nConnection: Upgrade"),
  });
}

TEST_F(BrokenAnswers, CutBeforeTheBody) {
  std::vector<AnswerRow> rows;
  for (const Then how : {Then::close, Then::reset}) {
    rows.push_back({"at once", "", how});
    rows.push_back({"in the status line", "HTTP/1.1 20", how});
    rows.push_back({"behind the status line", kOk, how});
    rows.push_back({"in a field", kOk + "Content-Type: " + kPoison, how});
    rows.push_back({"before the blank line", kOk + "Content-Length: 6\r\n", how});
    rows.push_back({"behind an interim head", "HTTP/1.1 103 E\r\nX: " + kPoison + "\r\n\r\n", how});
  }
  expect_moved_on(rows);
}

TEST(BrokenAnswer, OfTheOnlyBackendIs502) {
  RawBackend only({poisoned(kOk + "Content-Length: 6\r\nTransfer-Encoding: chunked"), Then::keep});
  RunningGateway gateway(wire_yaml({only.url()}));
  Connection client(gateway.port());
  client.write_raw(post_with(length_field(kBody), kBody));
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 502U) << answer.body;
  EXPECT_EQ(answer.header("x-spillway-error"), "spillway_bad_gateway");
  EXPECT_EQ(answer.body.find(kPoison), std::string::npos);
}

class CutAnswers : public BrokenAnswers {
 protected:
  // The head is out, so nobody else is asked: the client must see that it is not whole.
  void expect_cut(const AnswerRow& row) {
    SCOPED_TRACE(row.what);
    const std::size_t before = second.requests().size();
    first.answer_with({row.bytes, row.then});
    Connection client(gateway.port());
    client.write_raw(post_with(length_field(kBody), kBody));
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200U) << answer.body;
    EXPECT_FALSE(answer.is_complete) << "it looks whole: " << answer.body;
    EXPECT_EQ(second.requests().size(), before);
  }
};

TEST_F(CutAnswers, AreCutForTheClientToo) {
  const std::string length = kOk + "Content-Length: 10\r\n\r\n";
  const std::string chunked = kOk + "Transfer-Encoding: chunked\r\n\r\n";
  const std::string until_close = kOk + "Content-Type: application/json\r\n\r\n";
  for (const AnswerRow& row : std::vector<AnswerRow>{
           {"short of its length", length + "12345", Then::close},
           {"short of its length, reset", length + "12345", Then::reset},
           {"nothing of its body", length, Then::close},
           {"in a chunk", chunked + "a\r\n12345", Then::close},
           {"in a chunk, reset", chunked + "a\r\n12345", Then::reset},
           {"in a chunk's size", chunked + "5\r\n12345\r\n1", Then::close},
           {"no last chunk", chunked + "5\r\n12345\r\n", Then::close},
           {"no end of the last chunk", chunked + "5\r\n12345\r\n0\r\n", Then::close},
           {"reset where only the end ends it", until_close + "12345", Then::reset},
           {"size that is no number", chunked + "5\r\n12345\r\nzz\r\nabc\r\n0\r\n\r\n"},
           {"size of sixteen digits",
            chunked + "5\r\n12345\r\n0000000000000003\r\nabc\r\n0\r\n\r\n"},
           {"bare LF behind a size", chunked + "5\r\n12345\r\n3\nabc\r\n0\r\n\r\n"},
           {"chunk longer than its size", chunked + "5\r\n1234567\r\n0\r\n\r\n"},
           {"bare LF behind a chunk", chunked + "5\r\n12345\n0\r\n\r\n"},
           {"extension of 5000 bytes",
            chunked + "5\r\n12345\r\n3;" + std::string(5'000, 'e') + "\r\nabc\r\n0\r\n\r\n"},
           {"trailers of 9000 bytes",
            chunked + "5\r\n12345\r\n0\r\nX: " + std::string(9'000, 't') + "\r\n\r\n"},
           {"folded trailer", chunked + "5\r\n12345\r\n0\r\nX: y\r\n z\r\n\r\n"},
           {"answer for a trailer", chunked + "5\r\n12345\r\n0\r\nHTTP/1.1 200 OK\r\n\r\n"}}) {
    expect_cut(row);
  }
}

// To HTTP/1.0 an end is the end of the body, so only a reset shows the cut.
TEST_F(CutAnswers, AreResetWhereTheEndOfTheConnectionEndsThem) {
  first.answer_with({kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n", Then::close});
  Connection client(gateway.port());
  client.write_raw("GET /openai/v1/models HTTP/1.0\r\n" + kKey + "\r\n");
  EXPECT_FALSE(client.read().is_complete);
}

TEST(CutAnswer, TlsWithoutItsFarewellIsOne) {
  const test::Certificates certificates;
  HandServer server;
  std::string yaml = wire_yaml({"https://localhost:" + std::to_string(server.port())});
  yaml.replace(yaml.find(", credential: backend }"), 23,
               ", credential: backend, tls: { ca_file: \"" + certificates.ca_file() + "\" } }");
  RunningGateway gateway(yaml);
  Connection client(gateway.port());
  client.write_raw(get_with(""));
  {
    Connection backend =
        server.accept_tls(certificates.certificate_file(), certificates.private_key_file());
    backend.read_until("\r\n\r\n");
    backend.write_raw(kOk + "Content-Type: application/json\r\n\r\n12345");
  }
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 200U) << answer.body;
  EXPECT_FALSE(answer.is_complete);
}

}  // namespace
}  // namespace spillway::integration
