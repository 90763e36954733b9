// Beast is given the start line and a few fields only (head_parser.cpp). These tests give it whole
// heads: what we accept it accepts as well, with the same fields and the same end.

#include <spillway/base/random.hpp>
#include <spillway/base/text.hpp>
#include <spillway/http/head_parser.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace spillway::http {
namespace {

namespace beast = boost::beast;
using Pairs = std::vector<std::pair<std::string, std::string>>;

template <bool is_request>
class WholeHead final : public beast::http::basic_parser<is_request> {
 public:
  explicit WholeHead(const std::string& head) {
    this->header_limit(60U << 10U);
    this->body_limit(boost::none);
    const std::size_t consumed = this->put(boost::asio::buffer(head), error);
    is_whole = !error && consumed == head.size() && this->is_header_done();
  }

  Pairs fields;
  beast::error_code error;
  bool is_whole = false;

 private:
  using Text = beast::string_view;
  using Code = beast::error_code;

  void on_request_impl(beast::http::verb, Text, Text, int, Code&) override {}
  void on_response_impl(int, Text, int, Code&) override {}
  void on_field_impl(beast::http::field, Text name, Text value, Code&) override {
    fields.emplace_back(name, base::trim({value.data(), value.size()}));
  }
  void on_header_impl(Code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
  std::size_t on_body_impl(Text body, Code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, Code&) override { return body.size(); }
  void on_finish_impl(Code&) override {}
};

Pairs pairs_of(const FieldList& fields) {
  Pairs pairs;
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
  const WholeHead<true> whole_request(kRequest);
  ASSERT_TRUE(whole_request.is_whole) << whole_request.error.message();
  EXPECT_EQ(pairs_of(request->fields), whole_request.fields);
  const auto answer = parse_response_head(kAnswer, "POST", response_limits());
  ASSERT_TRUE(answer) << answer.error().rule();
  const WholeHead<false> whole_answer(kAnswer);
  ASSERT_TRUE(whole_answer.is_whole) << whole_answer.error.message();
  EXPECT_EQ(pairs_of(answer->fields), whole_answer.fields);
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
    if (ours->body.kind != Framing::none) {  // as of a 1xx, whatever it says
      EXPECT_EQ(ours->body.kind == Framing::chunked, theirs.chunked()) << text;
    }
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
  const auto whole_request = [](const std::string& text) { return WholeHead<true>(text); };
  const auto whole_answer = [](const std::string& text) { return WholeHead<false>(text); };
  EXPECT_GT(accepted_alike(kRequest, parse_request, whole_request), 1000U);
  EXPECT_GT(accepted_alike(kAnswer, parse_answer, whole_answer), 1000U);
}

}  // namespace
}  // namespace spillway::http
