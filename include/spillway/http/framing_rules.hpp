#pragma once
// What makes a message head acceptable (limits-and-security §3, §7): what could be smuggled is
// refused. Pure functions over the raw head and its parsed fields.

#include <spillway/http/limits.hpp>
#include <spillway/http/message.hpp>
#include <spillway/http/refusal.hpp>

#include <string_view>
#include <vector>

namespace spillway::http {

/// Views into the raw bytes of a head.
struct HeadLines {
  std::string_view method;  // of a request
  std::string_view target;
  unsigned status = 0;  // of an answer
  std::string_view reason;
  Version version = Version::http_1_1;
  std::vector<base::Field> fields;  // in the order they came
};

/// The raw bytes of a head, from the first byte of the start line to the end of the blank line:
/// no bare CR or LF, no control character but HTAB, no obs-fold, no blank before a colon, counts
/// and sizes within limits; the start line of the kind that `side` sends, HTTP/1.0 or 1.1.
Judged<HeadLines> split_head(std::string_view head, const Limits& limits, base::Side side);

/// Exactly one valid Host (HTTP/1.0 may leave it out); at most one of Content-Length (1 to 18
/// digits, identical repeats merged) and Transfer-Encoding (exactly `chunked`, HTTP/1.1 only).
Judged<BodyFraming> request_framing(Version version, const FieldList& fields);

/// For the answer to `request_method`; 1xx, 204, 304 and HEAD have no body.
Judged<BodyFraming> response_framing(std::string_view request_method, unsigned status,
                                     Version version, const FieldList& fields);

/// Whether a field is for this connection only (RFC 9110 §7.6.1): the fixed ones and those that
/// `connection` (the value of all Connection fields, joined by commas) nominates. A nomination of
/// Host, Content-*, a credential, a trace or request id or a forwarding field is not obeyed.
bool is_hop_by_hop(std::string_view name, std::string_view connection);

}  // namespace spillway::http
