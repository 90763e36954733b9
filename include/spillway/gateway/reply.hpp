#pragma once
// Our own answers: the one table from what went wrong to status, code and text (behaviour §7, §10).
// Every code begins with spillway_ (or is the one Azure uses for the same thing), so that nobody
// hunts a quota that is not theirs.

#include <spillway/base/error.hpp>
#include <spillway/base/time.hpp>
#include <spillway/http/message.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace spillway::gateway {

struct Reply {
  unsigned status = 500;
  std::string code;
  std::string message;
  std::optional<base::Duration> retry_after;
  bool should_not_retry = false;
  /// 405's Allow, 401's WWW-Authenticate: a field that the status demands; empty: none.
  std::string extra_name;
  std::string extra_value;
  /// For the access log instead of `message`; empty: that says it all.
  std::string log_detail;
};

/// For a fault met before any backend was asked.
Reply reply_for(const base::Error& error);

struct ReplyOptions {
  std::string_view request_id;
  bool is_head_request = false;
  bool keeps_alive = false;
  http::Version client_version = http::Version::http_1_1;
  std::string_view date;  // for the Date field (RFC 9110 §6.6.1); empty: none
};

/// Head and body, ready to be written. The body has the shape of Azure OpenAI's errors.
std::string format_reply(const Reply& reply, const ReplyOptions& options);

/// What OPTIONS gets that asks the gateway itself: 204 with Allow.
inline constexpr unsigned kOptionsStatus = 204;
std::string format_options_reply(const ReplyOptions& options);

/// Says close, or keep-alive to an HTTP/1.0 caller, which does not expect it (RFC 9112 §9.3).
void append_connection(std::string& out, bool keeps_alive, http::Version client);

}  // namespace spillway::gateway
