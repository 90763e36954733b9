// Heads are read by us alone (head_parser.cpp). Beast is the other reader: what we accept it
// accepts as well, with the same start line, the same fields and the same end.

#include <spillway/base/random.hpp>
#include <spillway/base/text.hpp>
#include <spillway/http/head_parser.hpp>

#include <gtest/gtest.h>

#include <string>
#include <support/beast_head.hpp>
#include <utility>
#include <vector>

namespace spillway::http {
namespace {

using test::BeastHead;
using test::FieldPairs;

FieldPairs pairs_of(const FieldList& fields) {
  FieldPairs pairs;
  for (const base::Field& field : fields.views())
    pairs.emplace_back(field.name, field.value);
  return pairs;
}

const std::string kRequest =
    "POST /openai/v1/responses?a=b HTTP/1.1\r\nHost: gateway:8080\r\nX-Empty:\r\n"
    "!#$%&'*+-.^_`|~09azAZ: all\tof,it: \"here\"\r\nX-Text:  \xc3\xa4\xff \t\r\nX-Text: twice\r\n"
    "Connection: keep-alive, x-text\r\nProxy-Connection: close\r\nContent-Length: 7\r\n\r\n";
const std::string kAnswer =
    "HTTP/1.1 200 OK \xc3\xa4\r\nTransfer-Encoding: chunked\r\nDate: today\r\nConnection: close\r\n"
    "Set-Cookie: a=b; c\r\nUpgrade: h2c\r\nset-cookie: d\r\n\r\n";

TEST(WholeHeads, BeastFindsTheSameFields) {
  const auto request = parse_request_head(kRequest, Limits());
  ASSERT_TRUE(request) << request.error().rule();
  const BeastHead<true> whole_request(kRequest);
  ASSERT_TRUE(whole_request.is_whole) << whole_request.error.message();
  EXPECT_EQ(pairs_of(request->fields), whole_request.fields);
  EXPECT_EQ(request->method, whole_request.method);
  EXPECT_EQ(request->target, whole_request.target);
  const auto answer = parse_response_head(kAnswer, "POST", response_limits());
  ASSERT_TRUE(answer) << answer.error().rule();
  const BeastHead<false> whole_answer(kAnswer);
  ASSERT_TRUE(whole_answer.is_whole) << whole_answer.error.message();
  EXPECT_EQ(pairs_of(answer->fields), whole_answer.fields);
  EXPECT_EQ(answer->status, whole_answer.status);
}

// One or two bytes changed to others that mean something in a head.
std::string changed(std::string head, base::Random& random) {
  using namespace std::string_view_literals;
  constexpr std::string_view bytes = "\r\n\t :,;aZ0_-\0\x7f\x80\x1f\""sv;
  for (std::uint64_t i = 0; i <= random.below(2); ++i)
    head[random.below(head.size())] = bytes[random.below(bytes.size())];
  return head;
}

template <class Parse, class Whole>
unsigned accepted_alike(const std::string& head, Parse parse, Whole whole) {
  base::Random random(4711);
  unsigned accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::string text = changed(head, random);
    const auto ours = parse(text);
    if (!ours) continue;
    ++accepted;
    const auto theirs = whole(text);
    EXPECT_TRUE(theirs.is_whole) << text << theirs.error.message();
    const bool is_rewritten = ours->fields.count("content-length") != 0;  // in canonical form
    if (!is_rewritten) {
      EXPECT_EQ(pairs_of(ours->fields), theirs.fields) << text;
    }
    EXPECT_EQ(ours->fields.size(), theirs.fields.size()) << text;
    EXPECT_TRUE(!test::may_have_body(*ours) || test::has_same_end(theirs, ours->body)) << text;
  }
  return accepted;
}

TEST(WholeHeads, BeastAcceptsWhatWeAccept) {
  const auto parse_request = [](const std::string& text) {
    return parse_request_head(text, Limits());
  };
  const auto parse_answer = [](const std::string& text) {
    return parse_response_head(text, "POST", response_limits());
  };
  const auto whole_request = [](const std::string& text) { return BeastHead<true>(text); };
  const auto whole_answer = [](const std::string& text) { return BeastHead<false>(text); };
  EXPECT_GT(accepted_alike(kRequest, parse_request, whole_request), 1000U);
  EXPECT_GT(accepted_alike(kAnswer, parse_answer, whole_answer), 1000U);
}

}  // namespace
}  // namespace spillway::http
