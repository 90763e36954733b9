#include <spillway/base/name_set.hpp>
#include <spillway/base/text.hpp>
#include <spillway/http/field_rules.hpp>
#include <spillway/http/framing_rules.hpp>
#include <spillway/http/head_parser.hpp>
#include <spillway/http/message_writer.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <exception>
#include <utility>

namespace spillway::http {
namespace {

namespace beast = boost::beast;
using base::equals_ignoring_case;

std::string_view view_of(beast::string_view text) {
  return {text.data(), text.size()};
}

// What Beast's parser finds in a head. The texts are views of what it was given.
template <bool is_request>
class Tokens final : public beast::http::basic_parser<is_request> {
 public:
  std::string_view method;
  std::string_view target;
  std::string_view reason;
  unsigned status = 0;
  Version version = Version::http_1_1;

 private:
  using Verb = beast::http::verb;
  using Name = beast::http::field;
  using Text = beast::string_view;
  using Code = beast::error_code;

  void on_request_impl(Verb, Text method_text, Text target_text, int number, Code&) override {
    method = view_of(method_text);
    target = view_of(target_text);
    version = number == 10 ? Version::http_1_0 : Version::http_1_1;
  }
  void on_response_impl(int code, Text text, int number, Code&) override {
    status = static_cast<unsigned>(code);
    reason = view_of(text);
    version = number == 10 ? Version::http_1_0 : Version::http_1_1;
  }
  void on_field_impl(Name, Text, Text, Code&) override {}
  void on_header_impl(Code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
  std::size_t on_body_impl(Text body, Code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, Code&) override { return body.size(); }
  void on_finish_impl(Code&) override {}
};

// The fields that Beast does anything about; of others it looks at the characters only, as
// split_head() has done.
constexpr auto kReadByBeast = base::make_name_set("connection", "proxy-connection",
                                                  "content-length", "transfer-encoding", "upgrade");

// Beast is given the start line and what it reads: a quarter of the work of the whole head (6,700
// of 143,000 instructions of a small chat for each of its two heads), and never a field over 64 KiB
// (Beast 345 throws).
std::string head_for_beast(const HeadLines& lines) {
  std::string head;
  head.reserve(lines.start_line.size() + 128);
  head += lines.start_line;
  head += "\r\n";
  for (const base::Field& field : lines.fields) {
    if (kReadByBeast.contains(field.name)) append_field(head, field.name, field.value);
  }
  head += "\r\n";
  return head;
}

template <bool is_request>
Judged<void> tokenise(std::string_view head, Tokens<is_request>& tokens) {
  tokens.header_limit(static_cast<std::uint32_t>(head.size() + 1));
  tokens.body_limit(boost::none);
  beast::error_code error;
  std::size_t consumed = 0;
  try {
    consumed = tokens.put(boost::asio::buffer(head.data(), head.size()), error);
  } catch (const std::exception& thrown) {
    return Refusal(400, std::string("tokeniser: ") + thrown.what());
  }
  if (error) return Refusal(400, "tokeniser: " + error.message());
  if (consumed == head.size() && tokens.is_header_done()) return Judged<void>();
  return Refusal(400, "tokeniser found another end of the head");
}

// Two readers of the same bytes must agree where the message ends (limits-and-security: the
// differential check). Costs two comparisons, so it is on in every build.
template <bool is_request>
bool agrees(const Tokens<is_request>& tokens, const BodyFraming& body) {
  const auto length = tokens.content_length();
  switch (body.kind) {
    case Framing::chunked:
      return tokens.chunked() && !length;
    case Framing::length:
      return !tokens.chunked() && length && *length == body.length;
    case Framing::none:
      return !tokens.chunked() && length.value_or(0) == 0;
    case Framing::until_close:
      return !tokens.chunked() && !length;
  }
  return false;
}

Refusal disagreement() {
  assert(false && "framing rules and tokeniser disagree about the end of a message");
  return {400, "framing rules and tokeniser disagree about the end of the message"};
}

bool wants_keep_alive(Version version, std::string_view connection) {
  if (base::list_contains(connection, "close")) return false;
  return version == Version::http_1_1 || base::list_contains(connection, "keep-alive");
}

void canonicalise_length(FieldList& fields, const BodyFraming& body) {
  const auto value = fields.find("Content-Length");
  if (!value || body.kind == Framing::chunked) return;
  // Where there is no body (HEAD, 304) the field tells of another message; it was checked as well.
  const auto* const end = std::find_if(value->begin(), value->end(),
                                       [](char c) { return c == ',' || base::is_blank(c); });
  const std::string_view first(value->begin(), end);
  const auto zeros = std::min(first.find_first_not_of('0'), first.size() - 1);
  if (zeros == 0 && first.size() == value->size() && fields.count("Content-Length") == 1) return;
  fields.replace("Content-Length", std::string(first.substr(zeros)));
}

constexpr std::array<std::string_view, 7> kMethods{"POST",  "GET",    "HEAD",   "PUT",
                                                   "PATCH", "DELETE", "OPTIONS"};

Judged<void> check_method(std::string_view method) {
  // TRACE would send the gateway's own credential back to the caller (RFC 9110 §9.3.8).
  if (method == "CONNECT" || method == "TRACE") {
    return Refusal(405, std::string(method) + " is not served");
  }
  if (std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end()) return Judged<void>();
  return Refusal(501, "method is none of " + std::string(kServedMethods));
}

// Sets target, and Host where the target names it.
Judged<void> take_target(std::string_view target, RequestHead& head) {
  constexpr std::size_t http_prefix = 7;
  const bool is_http = equals_ignoring_case(target.substr(0, http_prefix), "http://");
  const bool is_https = equals_ignoring_case(target.substr(0, http_prefix + 1), "https://");
  if (is_http || is_https) {
    target.remove_prefix(is_http ? http_prefix : http_prefix + 1);
    const auto end = std::min(target.find_first_of("/?"), target.size());
    const std::string_view authority = target.substr(0, end);
    if (!is_authority(authority)) {
      return Refusal(400, "request target's authority is not a host name with an optional port");
    }
    head.fields.replace("Host", authority);
    target.remove_prefix(end);
    const bool is_whole_server = target.empty() && head.method == "OPTIONS";
    if (!is_whole_server && !target.starts_with('/')) head.target = "/";
    if (is_whole_server) target = "*";
  }
  head.target += target;
  if (head.target == "*" && head.method == "OPTIONS") return Judged<void>();
  if (is_origin_form(head.target)) return Judged<void>();
  return Refusal(400, target == "*" ? "request target `*` is for OPTIONS only"
                                    : "request target is not a well-formed path and query");
}

Judged<void> take_expectation(RequestHead& head) {
  if (head.version == Version::http_1_0) return Judged<void>();  // RFC 9110 §10.1.1: ignored
  if (!head.fields.find("Expect")) return Judged<void>();
  bool is_known = true;
  bool is_continue = false;
  for_each_member(head.fields.join("Expect"), [&](std::string_view member) {
    if (member.empty()) return;
    if (equals_ignoring_case(member, "100-continue")) {
      is_continue = true;
    } else {
      is_known = false;
    }
  });
  if (!is_known) return Refusal(417, "Expect names something other than 100-continue");
  head.expects_continue = is_continue && head.body.kind != Framing::none;
  return Judged<void>();
}

void take_connection(RequestHead& head) {
  const std::string connection = head.fields.join("Connection");
  head.keep_alive = wants_keep_alive(head.version, connection);
  head.is_upgrade = head.version == Version::http_1_1 && head.fields.find("Upgrade") &&
                    base::list_contains(connection, "upgrade");
}

// A body announced where there can be none may come all the same.
bool is_end_in_doubt(unsigned status, const FieldList& fields) {
  if (status >= 200 && status != 204) return false;
  return fields.find("Transfer-Encoding") || fields.find("Content-Length").value_or("0") != "0";
}

}  // namespace

Judged<RequestHead> parse_request_head(std::string_view raw, const Limits& limits) {
  auto lines = split_head(raw, limits, base::Side::client);
  if (!lines) return lines.error();
  const std::string for_beast = head_for_beast(*lines);
  Tokens<true> tokens;
  if (auto verdict = tokenise(for_beast, tokens); !verdict) return verdict.error();
  if (auto verdict = check_method(tokens.method); !verdict) return verdict.error();
  FieldList fields(raw, std::move(lines->fields));
  const auto body = request_framing(tokens.version, fields);
  if (!body) return body.error();
  if (!agrees(tokens, *body)) return disagreement();

  RequestHead head;
  head.method = tokens.method;
  head.version = tokens.version;
  head.fields = std::move(fields);
  head.body = *body;
  canonicalise_length(head.fields, head.body);
  if (auto verdict = take_target(tokens.target, head); !verdict) return verdict.error();
  if (auto verdict = take_expectation(head); !verdict) return verdict.error();
  take_connection(head);
  return head;
}

Judged<ResponseHead> parse_response_head(std::string_view raw, std::string_view request_method,
                                         const Limits& limits) {
  auto lines = split_head(raw, limits, base::Side::upstream);
  if (!lines) return lines.error();
  const std::string for_beast = head_for_beast(*lines);
  Tokens<false> tokens;
  if (auto verdict = tokenise(for_beast, tokens); !verdict) return verdict.error();
  FieldList fields(raw, std::move(lines->fields));
  const auto body = response_framing(request_method, tokens.status, tokens.version, fields);
  if (!body) return body.error();
  const bool has_body = body->kind != Framing::none;
  if (has_body && !agrees(tokens, *body)) return disagreement();

  ResponseHead head;
  head.status = tokens.status;
  head.reason = tokens.reason;
  head.version = tokens.version;
  head.fields = std::move(fields);
  head.body = *body;
  canonicalise_length(head.fields, head.body);
  head.keep_alive = body->kind != Framing::until_close &&
                    !is_end_in_doubt(head.status, head.fields) &&
                    wants_keep_alive(head.version, head.fields.join("Connection"));
  return head;
}

}  // namespace spillway::http
