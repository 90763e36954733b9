// Any bytes as a head that is passed on: what is accepted from one side is written for the other as
// one head that the strict rules accept again, with one framing and nothing that was for the first
// connection only. Requests and answers, interim ones included.

#include <spillway/gateway/client_address.hpp>
#include <spillway/gateway/client_response.hpp>
#include <spillway/gateway/hops.hpp>
#include <spillway/gateway/upstream_request.hpp>
#include <spillway/http/head_parser.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace spillway;

void require(bool holds) {
  if (!holds) std::abort();
}

// Room for what the gateway adds.
http::Limits wide() {
  http::Limits limits = http::response_limits();
  limits.header_bytes *= 4;
  limits.request_line_bytes *= 4;
  limits.field_value_bytes *= 4;
  limits.header_count *= 2;
  return limits;
}

void require_no_hops(const http::FieldList& fields) {
  for (const char* name : {"keep-alive", "proxy-connection", "te", "trailer", "http2-settings"})
    require(fields.count(name) == 0);
  require(fields.count("content-length") + fields.count("transfer-encoding") <= 1);
}

config::Forwarded trusting_all() {
  config::Forwarded rules;
  rules.trusted_proxies = {base::IpNetwork::parse("::/0").value()};
  rules.to_backends = config::ToBackends::append;
  return rules;
}

void check_request(std::string_view bytes) {
  const auto caller = http::parse_request_head(bytes, http::Limits());
  if (!caller || gateway::is_for_gateway(*caller) || gateway::refusal_of_loop(*caller)) return;
  const gateway::Arrival arrival{"192.0.2.1:80", true};
  const config::Forwarded rules = trusting_all();
  require(!gateway::client_address(arrival, caller->fields, rules).empty());
  const std::string via = gateway::via_for_backend(*caller);
  gateway::UpstreamRequest request;
  request.target = caller->target;
  request.authority = "backend.example";
  request.credential_name = "api-key";
  request.credential_value = "ours";
  request.via = via;
  request.forwarded = gateway::forwarded_fields(arrival, *caller, rules);
  request.is_chunked = caller->body.kind == http::Framing::chunked;
  if (caller->body.kind == http::Framing::length) request.body_length = caller->body.length;
  const auto again =
      http::parse_request_head(gateway::format_upstream_head(*caller, request), wide());
  require(again.has_value());
  require(again->body.kind == caller->body.kind && again->body.length == caller->body.length);
  require(again->fields.find("host") == "backend.example");
  require(again->fields.count("api-key") == 1 && again->fields.find("api-key") == "ours");
  require(again->fields.count("authorization") == 0 && again->fields.count("via") == 1);
  require_no_hops(again->fields);
}

void check_answer(std::string_view bytes, std::string_view method) {
  const auto answer = http::parse_response_head(bytes, method, http::response_limits());
  if (!answer || answer->status < 200) return;
  gateway::ClientResponse response;
  response.framing = gateway::framing_for_client(*answer, http::Version::http_1_1);
  std::string text;
  gateway::append_client_head(text, *answer, response);
  const auto again = http::parse_response_head(text, method, wide());
  require(again.has_value() && again->status == answer->status);
  require(again->body.kind == response.framing.kind);
  require(again->body.kind != http::Framing::until_close);
  require_no_hops(again->fields);
}

void check_interim(std::string_view bytes) {
  const auto interim = http::parse_response_head(bytes, "GET", http::response_limits());
  if (!interim || interim->status >= 200 || interim->status == 101) return;
  http::ResponseHead final;
  http::InterimHead kept;
  kept.status = interim->status;
  kept.reason = interim->reason;
  kept.fields = interim->fields;
  final.interims.push_back(kept);
  std::string text;
  gateway::append_interims(text, final, http::Version::http_1_1);
  const auto again = http::parse_response_head(text, "GET", wide());
  require(again.has_value() && again->status == interim->status);
  require(again->fields.count("content-length") + again->fields.count("transfer-encoding") == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_request(bytes);
  check_answer(bytes, "GET");
  check_answer(bytes, "HEAD");
  check_interim(bytes);
  return 0;
}
