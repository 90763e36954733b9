#include <spillway/base/text.hpp>
#include <spillway/http/field_rules.hpp>
#include <spillway/http/framing_rules.hpp>
#include <spillway/http/head_parser.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace spillway::http {
namespace {

using base::equals_ignoring_case;

bool wants_keep_alive(Version version, std::string_view connection) {
  if (base::list_contains(connection, "close")) return false;
  return version == Version::http_1_1 || base::list_contains(connection, "keep-alive");
}

bool is_canonical_number(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && (text.front() != '0' || text.size() == 1) &&
         std::all_of(text.begin(), text.end(), is_digit);
}

// One field with one number, whatever repeats and zeros came: it was checked as framing. Where
// there is no body (HEAD, 304) it tells of another message, and was checked as well.
void canonicalise_length(FieldList& fields, const BodyFraming& body) {
  if (const auto only = fields.find_only("Content-Length"); only && is_canonical_number(*only))
    return;
  const auto value = fields.find("Content-Length");
  if (!value || body.kind == Framing::chunked) return;
  const auto* const end = std::find_if(value->begin(), value->end(),
                                       [](char c) { return c == ',' || base::is_blank(c); });
  const std::string_view first(value->begin(), end);
  const auto zeros = std::min(first.find_first_not_of('0'), first.size() - 1);
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
  if (auto verdict = check_method(lines->method); !verdict) return verdict.error();
  RequestHead head;
  head.fields = FieldList(raw, std::move(lines->fields));
  const auto body = request_framing(lines->version, head.fields);
  if (!body) return body.error();
  head.method = lines->method;
  head.version = lines->version;
  head.body = *body;
  canonicalise_length(head.fields, head.body);
  if (auto verdict = take_target(lines->target, head); !verdict) return verdict.error();
  if (auto verdict = take_expectation(head); !verdict) return verdict.error();
  take_connection(head);
  return head;
}

Judged<ResponseHead> parse_response_head(std::string_view raw, std::string_view request_method,
                                         const Limits& limits) {
  auto lines = split_head(raw, limits, base::Side::upstream);
  if (!lines) return lines.error();
  ResponseHead head;
  head.fields = FieldList(raw, std::move(lines->fields));
  const auto body = response_framing(request_method, lines->status, lines->version, head.fields);
  if (!body) return body.error();
  head.status = lines->status;
  head.reason = lines->reason;
  head.version = lines->version;
  head.body = *body;
  canonicalise_length(head.fields, head.body);
  head.keep_alive = body->kind != Framing::until_close &&
                    !is_end_in_doubt(head.status, head.fields) &&
                    wants_keep_alive(head.version, head.fields.join("Connection"));
  return head;
}

}  // namespace spillway::http
