// Any bytes as a head: what is accepted is unambiguous, says the same when written anew, and is
// read alike by Beast: the same fields, and the same end of the message.

#include <spillway/base/text.hpp>
#include <spillway/http/field_rules.hpp>
#include <spillway/http/framing_rules.hpp>
#include <spillway/http/head_parser.hpp>
#include <spillway/http/message_writer.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <support/beast_head.hpp>
#include <vector>

namespace {

using namespace spillway;
using namespace spillway::http;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_fields(const FieldList& fields, std::string& out) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    require(append_field(out, fields[i].name, fields[i].value));
    is_hop_by_hop(fields[i].name, fields.join("Connection"));
  }
  append_head_end(out);
  require(fields.count("Content-Length") <= 1);
}

bool same(const BodyFraming& a, const BodyFraming& b) {
  return a.kind == b.kind && a.length == b.length;
}

bool is_rewritten(std::string_view name) {
  return base::equals_ignoring_case(name, "content-length") ||
         base::equals_ignoring_case(name, "host");
}

// But for the length, whose repeats and zeros go, and the Host of an absolute-form target.
test::FieldPairs as_they_came(test::FieldPairs fields) {
  std::erase_if(fields, [](const auto& field) { return is_rewritten(field.first); });
  return fields;
}

test::FieldPairs pairs_of(const FieldList& fields) {
  test::FieldPairs pairs;
  for (const base::Field& field : fields.views())
    pairs.emplace_back(field.name, field.value);
  return pairs;
}

void check_against_beast(std::string_view bytes, const RequestHead& head) {
  const test::BeastHead<true> theirs(bytes);
  require(theirs.is_whole && theirs.method == head.method);
  require(theirs.target == head.target || !theirs.target.starts_with('/'));
  require(as_they_came(theirs.fields) == as_they_came(pairs_of(head.fields)));
  require(test::has_same_end(theirs, head.body));
}

void check_against_beast(std::string_view bytes, std::string_view method,
                         const ResponseHead& head) {
  const test::BeastHead<false> theirs(bytes);
  require(theirs.is_whole && theirs.status == head.status);
  require(as_they_came(theirs.fields) == as_they_came(pairs_of(head.fields)));
  const bool is_for_head = method == "HEAD";  // its fields tell of another message
  require(is_for_head || !test::may_have_body(head) || test::has_same_end(theirs, head.body));
}

void check_request(std::string_view bytes) {
  const auto head = parse_request_head(bytes, Limits());
  if (!head) {
    require(head.error().status() >= 400 && head.error().status() <= 505);
    return;
  }
  check_against_beast(bytes, *head);
  require(is_token(head->method));
  require(is_origin_form(head->target) || (head->target == "*" && head->method == "OPTIONS"));
  std::string anew;
  append_request_line(anew, head->method, head->target);
  check_fields(head->fields, anew);
  if (head->version == Version::http_1_0) return;  // written anew it is 1.1, with other rules
  Limits wide;
  wide.header_bytes *= 2;  // ": " may be longer than what came
  wide.request_line_bytes *= 2;
  const auto again = parse_request_head(anew, wide);
  require(again.has_value() && same(again->body, head->body) && again->target == head->target);
}

void check_response(std::string_view bytes) {
  for (const std::string_view method : {"GET", "HEAD"}) {
    const auto head = parse_response_head(bytes, method, response_limits());
    if (!head) continue;
    check_against_beast(bytes, method, *head);
    require(head->status >= 100 && head->status <= 599);
    std::string anew;
    append_status_line(anew, head->status, head->reason);
    check_fields(head->fields, anew);
    if (head->version == Version::http_1_0) continue;
    Limits wide = response_limits();
    wide.header_bytes *= 2;
    wide.request_line_bytes *= 2;
    const auto again = parse_response_head(anew, method, wide);
    require(again.has_value() && same(again->body, head->body));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_request(bytes);
  check_response(bytes);
  return 0;
}
