#include <spillway/aoai/error_body.hpp>
#include <spillway/gateway/reply.hpp>
#include <spillway/http/head_parser.hpp>
#include <spillway/http/message_writer.hpp>
#include <spillway/routing/exhaustion.hpp>

#include <utility>

namespace spillway::gateway {
namespace {

using base::Fault;

std::string_view type_for(unsigned status) {
  if (status == 429) return "too_many_requests";
  if (status == 401 || status == 403) return "authentication_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

Reply make(unsigned status, std::string code, const base::Error& error) {
  Reply reply;
  reply.status = status;
  reply.code = std::move(code);
  reply.message = error.detail();
  return reply;
}

}  // namespace

Reply reply_for(const base::Error& error) {
  switch (error.fault()) {
    case Fault::bad_request:
      return make(400, "spillway_bad_request", error);
    case Fault::too_large:
      return make(413, "spillway_request_too_large", error);
    case Fault::unauthorized:
      return make(401, "spillway_unauthorized", error);
    case Fault::no_route:
      return make(404, "spillway_unknown_path", error);
    case Fault::timed_out:
      return make(408, "spillway_request_timeout", error);
    case Fault::no_capacity:
      return make(503, "spillway_overloaded", error);
    case Fault::shutting_down:
      return make(503, "spillway_shutting_down", error);
    default:
      return make(500, "spillway_internal_error", error);
  }
}

std::string format_reply(const Reply& reply, const ReplyOptions& options) {
  const std::string body = aoai::make_error_body(reply.code, reply.message, type_for(reply.status));
  std::string out;
  out.reserve(512 + body.size());
  http::append_status_line(out, reply.status, http::reason_phrase(reply.status));
  http::append_field(out, "content-type", "application/json");
  http::append_field(out, "content-length", static_cast<std::uint64_t>(body.size()));
  http::append_field(out, "x-spillway-error", reply.code);
  if (!options.request_id.empty()) {
    http::append_field(out, "x-spillway-request-id", options.request_id);
  }
  if (reply.retry_after) {
    http::append_field(out, "retry-after", routing::retry_after_seconds(*reply.retry_after));
    http::append_field(out, "retry-after-ms",
                       routing::retry_after_milliseconds(*reply.retry_after));
  }
  if (reply.should_not_retry) http::append_field(out, "x-should-retry", "false");
  if (!reply.extra_name.empty()) http::append_field(out, reply.extra_name, reply.extra_value);
  // 426 must say what to upgrade to (RFC 9110 §15.5.22).
  if (reply.status == 426) http::append_field(out, "upgrade", "websocket");
  if (reply.status == 426) http::append_field(out, "connection", "upgrade");
  if (reply.status == 405) http::append_field(out, "allow", http::kServedMethods);
  if (!options.date.empty()) http::append_field(out, "date", options.date);
  append_connection(out, options.keeps_alive, options.client_version);
  http::append_head_end(out);
  if (!options.is_head_request) out += body;
  return out;
}

std::string format_options_reply(const ReplyOptions& options) {
  std::string out;
  http::append_status_line(out, kOptionsStatus, http::reason_phrase(kOptionsStatus));
  http::append_field(out, "allow", http::kServedMethods);
  if (!options.request_id.empty()) {
    http::append_field(out, "x-spillway-request-id", options.request_id);
  }
  if (!options.date.empty()) http::append_field(out, "date", options.date);
  append_connection(out, options.keeps_alive, options.client_version);
  http::append_head_end(out);
  return out;
}

void append_connection(std::string& out, bool keeps_alive, http::Version client) {
  if (!keeps_alive) {
    http::append_field(out, "connection", "close");
  } else if (client == http::Version::http_1_0) {
    http::append_field(out, "connection", "keep-alive");
  }
}

}  // namespace spillway::gateway
