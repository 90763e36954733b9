#include "simulator/control_service.hpp"

#include "simulator/identity_control.hpp"
#include "simulator/site.hpp"
#include <spillway/base/text.hpp>
#include <spillway/base/time.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace spillway::simulator {
namespace {

namespace asio = boost::asio;
using nlohmann::json;

constexpr auto kControlLook = std::chrono::milliseconds(2);
constexpr std::uint64_t kLongestWaitMs = 60'000;

Reply reply_of(unsigned status, const json& body) {
  return json_reply(status, body.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

Reply mistake(unsigned status, const std::string& what) {
  return reply_of(status, {{"error", what}});
}

Reply done() {
  return reply_of(200, {{"ok", true}});
}

json counts_of(const Journal& journal, const std::string& endpoint) {
  json counts = json::object();
  for (const auto event : kEvents)
    counts[std::string(name_of(event))] = journal.counted(endpoint, event);
  return counts;
}

json level_json(const BackendService::Level& level) {
  json out{{"name", level.deployment}, {"mode", level.mode}, {"has_room", level.has_room}};
  if (level.mode == "ptu") out["utilisation"] = level.utilisation;
  if (level.mode == "paygo") {
    out["remaining_tokens"] = level.remaining_tokens;
    out["remaining_requests"] = level.remaining_requests;
  }
  return out;
}

json socket_json(const std::optional<RecordedSocket>& socket) {
  if (!socket) return nullptr;
  return {{"protocol", socket->protocol}, {"received", socket->received}, {"sent", socket->sent},
          {"pings", socket->pings},       {"pongs", socket->pongs},       {"ended", socket->ended}};
}

json form_json(const std::vector<FormPart>& form) {
  json parts = json::array();
  for (const auto& part : form) {
    parts.push_back({{"name", part.name},
                     {"file_name", part.file_name},
                     {"content_type", part.content_type},
                     {"bytes", part.bytes},
                     {"sha256", part.sha256}});
  }
  return parts;
}

json record_json(const RecordedRequest& request) {
  json headers = json::array();
  for (const auto& [name, value] : request.headers)
    headers.push_back({name, value});
  return {{"id", request.id},
          {"endpoint", request.endpoint},
          {"connection", request.connection},
          {"method", request.method},
          {"target", request.target},
          {"headers", headers},
          {"body", request.body},
          {"body_bytes", request.body_bytes},
          {"body_sha256", request.body_sha256},
          {"form", form_json(request.form)},
          {"answer", request.answer},
          {"answer_bytes", request.answer_bytes},
          {"answer_sha256", request.answer_sha256},
          {"received_at", base::format_rfc3339(request.received_at)},
          {"status", request.status},
          {"outcome", request.outcome ? json(name_of(*request.outcome)) : json(nullptr)},
          {"fault", request.fault.empty() ? json(nullptr) : json(request.fault)},
          {"socket", socket_json(request.socket)}};
}

std::uint64_t number_or(const std::optional<std::string>& text, std::uint64_t otherwise) {
  return text ? base::parse_unsigned(*text).value_or(otherwise) : otherwise;
}

}  // namespace

asio::awaitable<Reply> ControlService::answer(const Request& request) {
  if (request.path() == "/control/wait") {
    Reply reply = co_await wait(request);
    co_return reply;
  }
  co_return decide(request);
}

Reply ControlService::decide(const Request& request) {
  constexpr std::string_view kEndpoints = "/control/endpoints/";
  constexpr std::string_view kIdentity = "/control/identity/";
  const auto path = request.path();
  try {
    if (path.starts_with(kEndpoints)) {
      return act_on_endpoint(request, path.substr(kEndpoints.size()));
    }
    if (path.starts_with(kIdentity)) return act_on_identity(request, path.substr(kIdentity.size()));
    if (request.method == "GET" && path == "/control/state") return state();
    if (request.method == "GET" && path == "/control/requests") return requests(request);
    if (request.method == "POST" && path == "/control/reset") {
      site_.reset();
      return done();
    }
    if (request.method == "POST" && path == "/control/tokens") {
      return json_reply(200, mint_by_request(request, site_.issuer()) + "\n");
    }
  } catch (const std::out_of_range& error) {
    return mistake(404, error.what());
  } catch (const std::invalid_argument& error) {
    return mistake(400, error.what());
  }
  return mistake(404,
                 "there are /control/state, /control/requests, /control/wait, /control/reset, "
                 "/control/tokens, /control/endpoints/NAME/{fault,chaos} and "
                 "/control/identity/{revoke,rotate,token,clock,keys}");
}

Reply ControlService::act_on_endpoint(const Request& request, std::string_view tail) {
  const auto slash = tail.find('/');
  const std::string name(tail.substr(0, slash));
  auto& server = site_.server(name);
  const auto what = slash == std::string_view::npos ? "" : tail.substr(slash);
  if (name == "control") return mistake(400, "the control port takes no faults");
  if (what == "/chaos") return set_chaos(request, server);
  if (what != "/fault") return mistake(404, "only /fault and /chaos can be set on an endpoint");
  if (request.method == "POST") {
    server.add_fault(parse_fault(request.body));
    return done();
  }
  if (request.method == "DELETE") {
    server.clear_faults();
    return done();
  }
  return mistake(405, "POST sets a fault, DELETE clears all of the endpoint");
}

Reply ControlService::set_chaos(const Request& request, Server& server) {
  if (request.method == "POST") {
    server.set_chaos(parse_chaos(request.body));
    return done();
  }
  if (request.method != "DELETE") return mistake(405, "POST switches chaos on, DELETE off");
  server.clear_chaos();
  return done();
}

Reply ControlService::act_on_identity(const Request& request, std::string_view action) {
  return json_reply(200, act_on_issuer(request, action, site_.issuer()) + "\n");
}

Reply ControlService::state() {
  json endpoints = json::array();
  for (const auto& server : site_.servers()) {
    if (server->name() == "control") continue;
    json faults = json::array();
    for (const auto& fault : server->faults())
      faults.push_back(json::parse(to_json(fault)));
    json deployments = json::array();
    for (const auto& level : site_.levels(server->name()))
      deployments.push_back(level_json(level));
    endpoints.push_back({{"name", server->name()},
                         {"url", server->url()},
                         {"listening", server->is_listening()},
                         {"connections", server->connection_count()},
                         {"faults", faults},
                         {"deployments", deployments},
                         {"counts", counts_of(site_.journal(), server->name())}});
  }
  return reply_of(200, {{"endpoints", endpoints},
                        {"clock_skew_s", site_.issuer().clock_skew().count()},
                        {"tokens_issued", site_.issuer().issued_count()}});
}

Reply ControlService::requests(const Request& request) {
  const auto all = site_.journal().requests(request.query("endpoint").value_or(""));
  const auto limit = std::min<std::uint64_t>(number_or(request.query("limit"), 100), all.size());
  json list = json::array();
  for (auto i = all.size() - limit; i < all.size(); ++i)
    list.push_back(record_json(all[i]));
  return reply_of(200, {{"requests", list}});
}

asio::awaitable<Reply> ControlService::wait(const Request& request) {
  const auto endpoint = request.query("endpoint").value_or("");
  const auto event = event_of(request.query("event").value_or(""));
  if (!event) {
    co_return mistake(400,
                      "event is one of connected, disconnected, received, completed, aborted, "
                      "faulted, throttled");
  }
  const auto count = number_or(request.query("count"), 1);
  const auto timeout = std::min(number_or(request.query("timeout_ms"), 10'000), kLongestWaitMs);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout);
  asio::steady_timer look(loop_);
  while (site_.journal().counted(endpoint, *event) < count && !site_.is_stopping()) {
    if (std::chrono::steady_clock::now() >= end) {
      co_return mistake(408, "that did not happen in time");
    }
    boost::system::error_code ignored;
    look.expires_after(kControlLook);
    co_await look.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  const json happened{{"count", site_.journal().counted(endpoint, *event)}};
  co_return reply_of(200, happened);
}

}  // namespace spillway::simulator
