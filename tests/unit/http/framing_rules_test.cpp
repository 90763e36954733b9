#include <spillway/http/framing_rules.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace spillway::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

FieldList list_of(const Pairs& pairs) {
  FieldList fields;
  for (const auto& [name, value] : pairs)
    fields.add(name, value);
  return fields;
}

// "none", "length 5", "chunked", "until_close" or "refused 400".
std::string text_of(const Judged<BodyFraming>& framing) {
  if (!framing) return "refused " + std::to_string(framing.error().status());
  switch (framing->kind) {
    case Framing::none:
      return "none";
    case Framing::length:
      return "length " + std::to_string(framing->length);
    case Framing::chunked:
      return "chunked";
    case Framing::until_close:
      return "until_close";
  }
  return "";
}

std::string framing_of_request(Pairs pairs, Version version = Version::http_1_1) {
  pairs.emplace_back("Host", "h");
  return text_of(request_framing(version, list_of(pairs)));
}

TEST(RequestFraming, ContentLength) {
  const std::string cl = "Content-Length";
  EXPECT_EQ(framing_of_request({}), "none");
  EXPECT_EQ(framing_of_request({{cl, "0"}}), "none");
  EXPECT_EQ(framing_of_request({{cl, "5"}}), "length 5");
  EXPECT_EQ(framing_of_request({{"content-LENGTH", "0005"}}), "length 5");
  EXPECT_EQ(framing_of_request({{cl, "5, 5"}}), "length 5");
  EXPECT_EQ(framing_of_request({{cl, "5"}, {cl, "5"}}), "length 5");
  EXPECT_EQ(framing_of_request({{cl, "999999999999999999"}}), "length 999999999999999999");
  for (const char* bad : {"", "-5", "+5", "0x5", "5 5", "5;5", "5,", ",5", "5, 6", "5, 05", "5a",
                          "1000000000000000000", "\"5\"", "5.0", "1e3", "٥"}) {
    EXPECT_EQ(framing_of_request({{cl, bad}}), "refused 400") << bad;
  }
  EXPECT_EQ(framing_of_request({{cl, "5"}, {cl, "6"}}), "refused 400");
  EXPECT_EQ(framing_of_request({{cl, "5"}, {cl, ""}}), "refused 400");
}

TEST(RequestFraming, TransferEncoding) {
  const std::string te = "Transfer-Encoding";
  EXPECT_EQ(framing_of_request({{te, "chunked"}}), "chunked");
  EXPECT_EQ(framing_of_request({{te, "ChunKED"}}), "chunked");
  for (const char* bad :
       {"", "identity", "gzip", "xchunked", "chunked2", "\"chunked\"", "chunked;x",
        "chunked, identity", "chunked, gzip", "chunked, chunked", "chunked,", ",chunked",
        "\xc2\xa0"
        "chunked",
        "chunked chunked", "gzip, chunked, gzip"}) {
    EXPECT_EQ(framing_of_request({{te, bad}}), "refused 400") << bad;
  }
  EXPECT_EQ(framing_of_request({{te, "gzip, chunked"}}), "refused 501");
  EXPECT_EQ(framing_of_request({{te, "gzip"}, {te, "chunked"}}), "refused 501");
  EXPECT_EQ(framing_of_request({{te, "chunked"}, {te, "chunked"}}), "refused 400");
  EXPECT_EQ(framing_of_request({{te, "chunked"}}, Version::http_1_0), "refused 400");
  EXPECT_EQ(framing_of_request({{te, "chunked"}, {"Content-Length", "5"}}), "refused 400");
  EXPECT_EQ(framing_of_request({{"Content-Length", "5"}, {te, "identity"}}), "refused 400");
}

TEST(RequestFraming, Host) {
  const auto hosts = [](const Pairs& pairs, Version version = Version::http_1_1) {
    return text_of(request_framing(version, list_of(pairs)));
  };
  EXPECT_EQ(hosts({{"Host", "a"}}), "none");
  EXPECT_EQ(hosts({}), "refused 400");
  EXPECT_EQ(hosts({}, Version::http_1_0), "none");
  EXPECT_EQ(hosts({{"Host", "a"}, {"host", "a"}}), "refused 400");
  EXPECT_EQ(hosts({{"Host", "a"}, {"host", "b"}}, Version::http_1_0), "refused 400");
  EXPECT_EQ(hosts({{"Host", ""}}), "refused 400");
  EXPECT_EQ(hosts({{"Host", "a/b"}}, Version::http_1_0), "refused 400");
}

std::string framing_of_response(const std::string& method, unsigned status, const Pairs& pairs,
                                Version version = Version::http_1_1) {
  return text_of(response_framing(method, status, version, list_of(pairs)));
}

TEST(ResponseFraming, FollowsMethodAndStatus) {
  const Pairs five{{"Content-Length", "5"}};
  const Pairs chunked{{"Transfer-Encoding", "chunked"}};
  EXPECT_EQ(framing_of_response("GET", 200, five), "length 5");
  EXPECT_EQ(framing_of_response("GET", 200, chunked), "chunked");
  EXPECT_EQ(framing_of_response("GET", 200, {}), "until_close");
  EXPECT_EQ(framing_of_response("HEAD", 200, five), "none");
  EXPECT_EQ(framing_of_response("HEAD", 200, chunked), "none");
  EXPECT_EQ(framing_of_response("HEAD", 200, {}), "none");
  for (const unsigned status : {100U, 101U, 103U, 204U, 304U}) {
    EXPECT_EQ(framing_of_response("GET", status, {}), "none") << status;
    EXPECT_EQ(framing_of_response("POST", status, five), "none") << status;
  }
  EXPECT_EQ(framing_of_response("GET", 200, {{"Content-Length", "0"}}), "none");
}

TEST(ResponseFraming, BackendsAreNotTrusted) {
  const Pairs both{{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}};
  EXPECT_EQ(framing_of_response("GET", 200, both), "refused 400");
  EXPECT_EQ(framing_of_response("GET", 200, {{"Transfer-Encoding", "gzip"}}), "refused 400");
  EXPECT_EQ(framing_of_response("GET", 200, {{"Transfer-Encoding", "chunked"}}, Version::http_1_0),
            "refused 400");
  EXPECT_EQ(framing_of_response("GET", 200, {{"Content-Length", "5, 6"}}), "refused 400");
  const Pairs empty_first{{"Transfer-Encoding", ""}, {"Transfer-Encoding", "chunked"}};
  EXPECT_EQ(framing_of_response("GET", 200, empty_first), "refused 400");
  EXPECT_EQ(framing_of_response("HEAD", 200, {{"Content-Length", "x"}}), "refused 400");
}

// As Beast, the other reader, has it: what is no list could be read as two.
TEST(ConnectionLists, AreTokensAndNothingElse) {
  for (const std::string name : {"Connection", "Proxy-Connection", "connection"}) {
    for (const std::string list : {"", "close", "close, x-a", ",, close ,", "\ta,\tb"})
      EXPECT_EQ(framing_of_response("GET", 200, {{name, list}}), "until_close") << list;
    for (const std::string list : {"close x-a", "close;q=1", "\"close\"", "a, b/c"})
      EXPECT_EQ(framing_of_response("GET", 200, {{name, list}}), "refused 400") << list;
  }
}

unsigned status_of_head(const std::string& head, base::Side side = base::Side::client,
                        const Limits& limits = {}) {
  const auto verdict = split_head(head, limits, side);
  return verdict ? 200 : verdict.error().status();
}

std::string with_field(const std::string& line) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + line + "\r\n\r\n";
}

TEST(HeadBytes, AcceptsOrdinaryHeads) {
  EXPECT_EQ(status_of_head("GET / HTTP/1.1\r\n\r\n"), 200U);
  EXPECT_EQ(status_of_head(with_field("X-A:\t b \t")), 200U);
  EXPECT_EQ(status_of_head(with_field("X-A:")), 200U);
  EXPECT_EQ(status_of_head(with_field("X-A: \xc3\xa4")), 200U);
  EXPECT_EQ(status_of_head("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", base::Side::upstream), 200U);
  EXPECT_EQ(status_of_head("HTTP/1.0 404 \r\n\r\n", base::Side::upstream), 200U);
}

TEST(HeadBytes, RefusesFieldLines) {
  for (const std::string line :
       {" folded: x", "\tfolded: x", "A : b", "A\t: b", ": b", "A", "A b: c", "A(: b", "A: b\rC: d",
        "A: b\nC: d", "A: \x01", "A: \x7f", "A\x01: b", "\xc3\xa4: b", "A: b\r", "A,B: c",
        "A/B: c"}) {
    EXPECT_EQ(status_of_head(with_field(line)), 400U) << line;
  }
  EXPECT_EQ(status_of_head(with_field(std::string("A: b\0c", 6))), 400U);
}

TEST(HeadBytes, RefusesStartLines) {
  const std::vector<std::pair<std::string, unsigned>> cases{
      {"GET /", 400},
      {"GET  HTTP/1.1", 400},
      {"GET  / HTTP/1.1", 400},
      {"GET /  HTTP/1.1", 400},
      {"GET / HTTP/1.1 ", 400},
      {"GET\t/ HTTP/1.1", 400},
      {"GET / a HTTP/1.1", 400},
      {"GET /\x01 HTTP/1.1", 400},
      {"GET / http/1.1", 400},
      {"GET / HTTP/1.10", 400},
      {"GET / HTTP/11", 400},
      {"GET / HTTP/1,1", 400},
      {"GET / HTTP /1.1", 400},
      {"GET / HTTP/1.2", 505},
      {"GET / HTTP/0.9", 505},
      {"GET / HTTP/2.0", 505},
      {"PRI * HTTP/2.0", 505},
      {"G(T / HTTP/1.1", 400},
      {"ABCDEFGHIJKLMNOP / HTTP/1.1", 200},
      {"ABCDEFGHIJKLMNOPQ / HTTP/1.1", 501},
      {"", 400},
  };
  for (const auto& [line, status] : cases) {
    EXPECT_EQ(status_of_head(line + "\r\nHost: h\r\n\r\n"), status) << line;
  }
}

TEST(HeadBytes, RefusesStatusLines) {
  for (const std::string line :
       {"HTTP/1.1 099 X", "HTTP/1.1 000 X", "HTTP/1.1 600 X", "HTTP/1.1 999 X", "HTTP/1.1 20 OK",
        "HTTP/1.1 2000 OK", "HTTP/1.1 200", "HTTP/1.1  200 OK", "HTTP/1.1 2x0 OK", "HTTP/1.1",
        "HTTP/1.1 -20 OK", "HTTP/1.1 200 O\x01K", "HTTP/1.1 200\tOK", "HTTP 200 OK",
        "GET / HTTP/1.1"}) {
    EXPECT_EQ(status_of_head(line + "\r\n\r\n", base::Side::upstream), 400U) << line;
  }
  EXPECT_EQ(status_of_head("HTTP/2.0 200 OK\r\n\r\n", base::Side::upstream), 505U);
}

TEST(HeadBytes, BoundsSizesAndCounts) {
  Limits limits;
  limits.request_line_bytes = 30;
  limits.header_bytes = 200;
  limits.header_count = 3;
  limits.field_value_bytes = 10;
  const auto status = [&](const std::string& head) {
    return status_of_head(head, base::Side::client, limits);
  };
  EXPECT_EQ(status("GET /" + std::string(16, 'a') + " HTTP/1.1\r\n\r\n"), 200U);
  EXPECT_EQ(status("GET /" + std::string(17, 'a') + " HTTP/1.1\r\n\r\n"), 414U);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n"), 200U);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n"), 431U);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nA:   1234567890  \r\n\r\n"), 200U);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nA: 12345678901\r\n\r\n"), 431U);
  EXPECT_EQ(status("GET / HTTP/1.1\r\n" + std::string(200, 'A') + ": 1\r\n\r\n"), 431U);
}

TEST(HeadBytes, IsExactlyOneHead) {
  EXPECT_EQ(status_of_head("GET / HTTP/1.1\r\n"), 400U);
  EXPECT_EQ(status_of_head("GET / HTTP/1.1\r\n\r\nx"), 400U);
  EXPECT_EQ(status_of_head(""), 400U);
}

TEST(Refusals, BecomeFaultsOfTheirSide) {
  EXPECT_EQ(Refusal(414, "r").to_error(base::Side::client).fault(), base::Fault::too_large);
  EXPECT_EQ(Refusal(431, "r").to_error(base::Side::client).fault(), base::Fault::too_large);
  EXPECT_EQ(Refusal(501, "r").to_error(base::Side::client).fault(), base::Fault::bad_request);
  const base::Error error = Refusal(431, "r").to_error(base::Side::upstream);
  EXPECT_EQ(error.fault(), base::Fault::upstream_malformed);
  EXPECT_EQ(error.side(), base::Side::upstream);
  EXPECT_EQ(error.detail(), "r");
}

TEST(Refusals, NeverQuoteAFieldValue) {
  const std::string secret = "sesame";
  const auto verdict =
      split_head(with_field("api-key: " + secret + "\x01"), Limits(), base::Side::client);
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().rule().find(secret), std::string::npos);
  EXPECT_NE(verdict.error().rule().find("api-key"), std::string::npos);
}

TEST(HopByHop, TheFixedOnes) {
  for (const char* name : {"Connection", "keep-alive", "Proxy-Connection", "TE", "Trailer",
                           "TRANSFER-ENCODING", "Upgrade", "Proxy-Authorization"}) {
    EXPECT_TRUE(is_hop_by_hop(name, "")) << name;
  }
  EXPECT_FALSE(is_hop_by_hop("Content-Type", ""));
  EXPECT_FALSE(is_hop_by_hop("X-Custom", ""));
}

TEST(HopByHop, NominatedOnesButNotTheProtected) {
  const std::string connection =
      "close, X-Custom ,host,Content-Type, Authorization,api-key, x-ms-a";
  EXPECT_TRUE(is_hop_by_hop("x-custom", connection));
  EXPECT_FALSE(is_hop_by_hop("x-custo", connection));
  for (const char* name : {"Host", "Content-Type", "authorization", "API-Key", "X-MS-A"}) {
    EXPECT_FALSE(is_hop_by_hop(name, connection)) << name;
  }
}

}  // namespace
}  // namespace spillway::http
