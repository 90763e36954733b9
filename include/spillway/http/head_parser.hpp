#pragma once
// Makes a head of its raw bytes: the byte rules, then those of framing, target, Connection and
// Expect. Each byte is read once, by us; that Beast reads the same in what we accept is shown by
// whole_head_test and a fuzz target. Pure; message_reader brings the bytes.

#include <spillway/http/limits.hpp>
#include <spillway/http/message.hpp>
#include <spillway/http/refusal.hpp>

#include <string_view>

namespace spillway::http {

/// The methods that Azure OpenAI's surfaces have; CONNECT and TRACE are a 405, others a 501.
inline constexpr std::string_view kServedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// `raw`: from the first byte of the request line to the end of the blank line. An absolute-form
/// target becomes origin-form, its authority the Host (RFC 9112 §3.2.2); without a path it is `*`
/// to OPTIONS (§3.2.4).
Judged<RequestHead> parse_request_head(std::string_view raw, const Limits& limits);

/// The head of an answer, interim ones included, to a request with that method.
Judged<ResponseHead> parse_response_head(std::string_view raw, std::string_view request_method,
                                         const Limits& limits);

}  // namespace spillway::http
