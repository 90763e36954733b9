#include <spillway/base/byte_scan.hpp>
#include <spillway/base/name_set.hpp>
#include <spillway/base/text.hpp>
#include <spillway/http/field_rules.hpp>
#include <spillway/http/framing_rules.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace spillway::http {
namespace {

using base::equals_ignoring_case;

constexpr std::size_t kMaxMethodBytes = 16;
constexpr std::size_t kMaxLengthDigits = 18;
constexpr std::size_t kUsualFields = 20;

std::string over(std::string_view what, std::size_t limit, std::string_view unit = "bytes") {
  return std::string(what) + " over the limit of " + std::to_string(limit) + " " +
         std::string(unit);
}

// Takes the next line off `rest`, without its CRLF; nothing if it does not end in CRLF.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') return std::nullopt;
  const std::string_view line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  return line;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// `HTTP/` DIGIT `.` DIGIT, whichever digits.
bool is_version_shaped(std::string_view text) {
  return text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' &&
         is_digit(text[7]);
}

Judged<Version> read_version(std::string_view text) {
  if (text == "HTTP/1.1") return Version::http_1_1;
  if (text == "HTTP/1.0") return Version::http_1_0;
  if (!is_version_shaped(text))
    return Refusal(400, "start line without a well-formed HTTP version");
  return Refusal(505, "version " + std::string(text) + ": only HTTP/1.0 and HTTP/1.1 are spoken");
}

Judged<void> read_request_line(std::string_view line, HeadLines& lines) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return Refusal(400, "request line is not method, target and version");
  }
  lines.method = line.substr(0, first);
  lines.target = line.substr(first + 1, last - first - 1);
  if (!is_token(lines.method)) return Refusal(400, "method is not a token");
  if (lines.method.size() > kMaxMethodBytes) return Refusal(501, over("method", kMaxMethodBytes));
  const char* const end = lines.target.data() + lines.target.size();
  if (lines.target.empty() || base::find_control_or<' ', '\x7F'>(lines.target.data(), end) != end) {
    return Refusal(400, "request target is empty or holds a blank or control character");
  }
  const auto version = read_version(line.substr(last + 1));
  if (!version) return version.error();
  lines.version = *version;
  return Judged<void>();
}

Judged<void> read_status_line(std::string_view line, HeadLines& lines) {
  const auto version = read_version(line.substr(0, line.find(' ')));
  if (!version) return version.error();
  const std::string_view status = line.substr(std::min<std::size_t>(line.size(), 9), 3);
  const bool is_number = status.size() == 3 && std::all_of(status.begin(), status.end(), is_digit);
  if (!is_number || status[0] < '1' || status[0] > '5' || line.size() < 13 || line[12] != ' ') {
    return Refusal(400, "status line without a status from 100 to 599");
  }
  if (!is_field_text(line)) return Refusal(400, "status line holds a control character");
  lines.version = *version;
  lines.status = static_cast<unsigned>(*base::parse_unsigned(status));
  lines.reason = line.substr(13);
  return Judged<void>();
}

// The next field line, in one look at each of its bytes. False: something is wrong with it, or with
// its end; refusal_of_field_line() says what.
bool take_field_line(std::string_view& rest, base::Field& field) {
  const std::size_t name_bytes = token_length(rest);
  if (name_bytes == 0 || name_bytes == rest.size() || rest[name_bytes] != ':') return false;
  const char* const end = rest.data() + rest.size();
  const char* begin = rest.data() + name_bytes + 1;
  while (begin != end && base::is_blank(*begin))
    ++begin;
  const char* stop = find_field_text_end(begin, end);
  if (end - stop < 2 || stop[0] != '\r' || stop[1] != '\n') return false;
  const char* const next = stop + 2;
  while (stop != begin && base::is_blank(stop[-1]))
    --stop;
  field = {rest.substr(0, name_bytes), {begin, static_cast<std::size_t>(stop - begin)}};
  rest.remove_prefix(static_cast<std::size_t>(next - rest.data()));
  return true;
}

Refusal value_too_long(std::string_view name, const Limits& limits) {
  return {431, over("value of field " + std::string(name), limits.field_value_bytes),
          Bound::field_value};
}

Refusal refusal_of_field_line(std::string_view rest, const Limits& limits) {
  const auto line = take_line(rest);
  if (!line) return {400, "field line does not end in CRLF"};
  if (base::is_blank(line->front())) return {400, "folded field line"};
  const auto colon = line->find(':');
  if (colon == std::string_view::npos) return {400, "field line without a colon"};
  const std::string_view name = line->substr(0, colon);
  if (!is_token(name)) return {400, "field name is not a token"};
  const bool is_long = base::trim(line->substr(colon + 1)).size() > limits.field_value_bytes;
  if (is_long) return value_too_long(name, limits);
  return {400, "value of field " + std::string(name) + " holds a control character"};
}

// The one value of all Content-Length fields.
Judged<std::uint64_t> content_length(const FieldList& fields) {
  const std::string_view only = fields.find_only("Content-Length").value_or("");
  if (only.size() <= kMaxLengthDigits) {
    if (const auto length = base::parse_unsigned(only)) return *length;
  }
  std::optional<std::string_view> agreed;
  bool is_valid = true;
  for (std::size_t i = 0; i < fields.size() && is_valid; ++i) {
    if (!base::has_name(fields[i], "Content-Length")) continue;
    for_each_member(fields[i].value, [&](std::string_view member) {
      is_valid = is_valid && !member.empty() && member.size() <= kMaxLengthDigits &&
                 std::all_of(member.begin(), member.end(), is_digit) &&
                 member == agreed.value_or(member);
      agreed = member;
    });
  }
  const auto length = base::parse_unsigned(agreed.value_or(""));
  if (!is_valid || !length) {
    return Refusal(400, "Content-Length is not one number of at most 18 digits");
  }
  return *length;
}

// Only `chunked` alone is spoken. RFC 9112 §6.3: a request whose last coding is another has no
// knowable end, 400; §6.1: a coding not understood, 501.
Judged<void> check_transfer_encoding(Version version, const FieldList& fields) {
  if (version == Version::http_1_0) return Refusal(400, "Transfer-Encoding in an HTTP/1.0 message");
  const std::string joined = fields.join("Transfer-Encoding");
  if (equals_ignoring_case(joined, "chunked")) {
    // Beside an empty one it would be the second for whoever reads only the first.
    if (fields.count("Transfer-Encoding") == 1) return Judged<void>();
    return Refusal(400, "more than one Transfer-Encoding");
  }
  std::size_t chunked = 0;
  bool is_last_chunked = false;
  bool are_tokens = true;
  for_each_member(joined, [&](std::string_view coding) {
    is_last_chunked = equals_ignoring_case(coding, "chunked");
    if (is_last_chunked) ++chunked;
    are_tokens = are_tokens && is_token(coding.substr(0, coding.find_first_of("; \t")));
  });
  const bool is_unknown = are_tokens && is_last_chunked && chunked == 1;
  return Refusal(is_unknown ? 501 : 400, "Transfer-Encoding is not exactly `chunked`");
}

// What cannot be read as a list could nominate a field for one reader and not for another.
Judged<void> check_connection(const FieldList& fields) {
  if (!fields.has("Connection") && !fields.has("Proxy-Connection")) return Judged<void>();
  for (const base::Field& field : fields.views()) {
    const bool is_list =
        base::has_name(field, "Connection") || base::has_name(field, "Proxy-Connection");
    if (!is_list) continue;
    bool are_tokens = true;
    for_each_member(field.value, [&](std::string_view member) {
      are_tokens = are_tokens && (member.empty() || is_token(member));
    });
    if (!are_tokens) return Refusal(400, std::string(field.name) + " is not a list of tokens");
  }
  return Judged<void>();
}

Judged<BodyFraming> framing_of(Version version, const FieldList& fields, Framing otherwise) {
  if (auto verdict = check_connection(fields); !verdict) return verdict.error();
  const bool has_length = fields.has("Content-Length");
  const bool has_coding = fields.has("Transfer-Encoding");
  if (has_length && has_coding) {
    return Refusal(400, "both Content-Length and Transfer-Encoding");
  }
  if (has_coding) {
    if (auto verdict = check_transfer_encoding(version, fields); !verdict) return verdict.error();
    return BodyFraming{Framing::chunked, 0};
  }
  if (!has_length) return BodyFraming{otherwise, 0};
  const auto length = content_length(fields);
  if (!length) return length.error();
  return BodyFraming{*length == 0 ? Framing::none : Framing::length, *length};
}

Judged<void> check_host(Version version, const FieldList& fields) {
  if (const auto only = fields.find_only("Host"); only && is_authority(*only)) {
    return Judged<void>();
  }
  const std::size_t count = fields.count("Host");
  if (count == 0 && version == Version::http_1_0) return Judged<void>();
  if (count != 1) return Refusal(400, count == 0 ? "no Host field" : "more than one Host field");
  return Refusal(400, "Host is not a host name with an optional port");
}

// What no peer may have removed by nominating it in Connection: the fields that identify, route,
// frame or trace a request.
bool is_protected(std::string_view name) {
  static constexpr auto names =
      base::make_name_set("host", "authorization", "api-key", "ocp-apim-subscription-key", "cookie",
                          "set-cookie", "traceparent", "tracestate", "x-request-id",
                          "apim-request-id", "via", "forwarded", "date", "retry-after");
  constexpr std::array<std::string_view, 3> prefixes{"content-", "x-forwarded-", "x-ms-"};
  return names.contains(name) ||
         std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view prefix) {
           return base::starts_with_ignoring_case(name, prefix);
         });
}

}  // namespace

Judged<HeadLines> split_head(std::string_view head, const Limits& limits, base::Side side) {
  if (head.size() > limits.header_bytes) {
    return Refusal(431, over("header section", limits.header_bytes), Bound::header_bytes);
  }
  const auto start = take_line(head);
  if (!start) return Refusal(400, "start line does not end in CRLF");
  if (start->size() > limits.request_line_bytes) {
    return Refusal(414, over("start line", limits.request_line_bytes), Bound::request_line);
  }
  HeadLines lines;
  lines.fields.reserve(kUsualFields);
  const auto verdict = side == base::Side::upstream ? read_status_line(*start, lines)
                                                    : read_request_line(*start, lines);
  if (!verdict) return verdict.error();
  while (!head.starts_with("\r\n")) {
    if (lines.fields.size() == limits.header_count) {
      return Refusal(431, over("header section", limits.header_count, "fields"),
                     Bound::header_count);
    }
    base::Field field;
    if (!take_field_line(head, field)) return refusal_of_field_line(head, limits);
    if (field.value.size() > limits.field_value_bytes) return value_too_long(field.name, limits);
    lines.fields.push_back(field);
  }
  if (head.size() > 2) return Refusal(400, "bytes behind the blank line of a head");
  return lines;
}

Judged<BodyFraming> request_framing(Version version, const FieldList& fields) {
  if (auto verdict = check_host(version, fields); !verdict) return verdict.error();
  return framing_of(version, fields, Framing::none);
}

Judged<BodyFraming> response_framing(std::string_view request_method, unsigned status,
                                     Version version, const FieldList& fields) {
  auto framing = framing_of(version, fields, Framing::until_close);
  const bool has_no_body =
      request_method == "HEAD" || status < 200 || status == 204 || status == 304;
  if (framing && has_no_body) return BodyFraming();
  return framing;
}

bool is_hop_by_hop(std::string_view name, std::string_view connection) {
  static constexpr auto fixed = base::make_name_set(
      "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
      "te", "trailer", "transfer-encoding", "upgrade", "http2-settings");
  if (fixed.contains(name)) return true;
  return !connection.empty() && base::list_contains(connection, name) && !is_protected(name);
}

}  // namespace spillway::http
