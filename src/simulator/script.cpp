#include "simulator/script.hpp"

#include "simulator/content_coding.hpp"
#include "simulator/digest.hpp"
#include "simulator/error_events.hpp"
#include "simulator/errors.hpp"
#include <spillway/base/text.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <ctime>
#include <sstream>

namespace spillway::simulator {
namespace {

namespace http = boost::beast::http;
using std::chrono::milliseconds;

std::string chunk_of(const std::string& text) {
  return boost::beast::buffers_to_string(http::make_chunk(boost::asio::buffer(text)));
}

std::string last_chunk() {
  return boost::beast::buffers_to_string(http::make_chunk_last());
}

std::string head_of(const Reply& reply, Framing framing) {
  http::response_header<> head;
  head.version(11);
  head.result(reply.status);
  head.reason(reply.reason.empty() ? std::string(http::obsolete_reason(head.result()))
                                   : reply.reason);
  const bool has_body = reply.status >= 200 && reply.status != 204 && reply.status != 304;
  if (reply.is_stream()) {
    head.insert("Transfer-Encoding", "chunked");
  } else if (has_body) {
    head.insert("Content-Length", std::to_string(reply.body.size()));
  }
  for (const auto& [name, value] : reply.headers)
    head.insert(name, value);
  if (head.find("Date") == head.end())
    head.insert("Date", http_date(std::chrono::system_clock::now()));
  if (framing.persistence == Persistence::close) head.insert("Connection", "close");
  std::ostringstream out;
  out << head;
  return out.str();
}

std::uint32_t count_prelude(const Reply& reply) {
  std::uint32_t count = 0;
  for (const auto& event : reply.events) {
    if (event.role != EventRole::prelude) break;
    ++count;
  }
  return count;
}

/// How many events go out before the fault acts.
std::size_t events_before(const Fault& fault, const Reply& reply) {
  const auto prelude = count_prelude(reply);
  if (fault.after_output)
    return std::min<std::size_t>(prelude + std::size_t{*fault.after_output}, reply.events.size());
  const bool is_before_output = fault.kind == FaultKind::error_event;
  const auto wanted = fault.after_events.value_or(is_before_output ? prelude : prelude + 1);
  return std::min<std::size_t>(wanted, reply.events.size());
}

/// Faults that change what the stream says rather than how it ends.
void edit_events(const Fault& fault, Reply& reply) {
  auto& events = reply.events;
  if (fault.kind == FaultKind::no_done) {
    std::erase_if(events, [](const StreamEvent& event) { return event.role == EventRole::done; });
  }
  if (fault.kind == FaultKind::truncated_clean) events.resize(events_before(fault, reply));
  if (fault.kind == FaultKind::gzip) reply.coding = Coding::gzip;
  if (fault.kind == FaultKind::deflate) reply.coding = Coding::deflate;
  if (fault.kind != FaultKind::error_event) return;
  const auto kept = events_before(fault, reply);
  const auto error = error_event_of(fault, reply, kept);
  events.resize(kept);
  events.push_back(error);
}

/// The whole answer as steps, the head first. `[DONE]` and the last chunk leave with one write, so
/// that a client which stops at `[DONE]` does not look as if it had gone too early.
std::vector<Step> steps_of(const Reply& reply, Framing framing) {
  std::vector<Step> steps;
  Step head{reply.delay, head_of(reply, framing)};
  if (framing.body == BodyUse::left_out) {
    steps.push_back(std::move(head));
    return steps;
  }
  if (!reply.is_stream()) head.bytes += reply.body;
  steps.push_back(std::move(head));
  for (const auto& event : reply.events)
    steps.push_back({event.delay, chunk_of(event.text)});
  if (reply.is_stream()) steps.back().bytes += last_chunk();
  return steps;
}

void add_digest(const Reply& reply, Script& script) {
  Digest digest;
  if (!reply.is_stream()) digest.add(reply.body);
  for (const auto& event : reply.events)
    digest.add(event.text);
  script.body_bytes = digest.bytes();
  script.body_sha256 = digest.finish();
}

/// Keeps the head and `events` whole chunks, and half of what follows.
void cut(Script& script, std::size_t events, std::size_t head_bytes) {
  auto& steps = script.steps;
  if (steps.size() == 1) {
    const auto body_bytes = steps[0].bytes.size() - head_bytes;
    steps[0].bytes.resize(head_bytes + body_bytes / 2);
    return;
  }
  const std::size_t next = std::min(events + 1, steps.size() - 1);
  steps.resize(next + 1);
  steps[next].bytes.resize(steps[next].bytes.size() / 2);
}

std::vector<Step> dripping(const std::vector<Step>& steps, milliseconds between) {
  std::vector<Step> drops;
  for (const auto& step : steps) {
    for (std::size_t i = 0; i < step.bytes.size(); ++i) {
      drops.push_back({i == 0 ? step.delay : between, std::string(1, step.bytes[i])});
    }
  }
  return drops;
}

void stall(Script& script, std::size_t step, std::optional<milliseconds> delay) {
  if (step >= script.steps.size()) return;
  if (delay) {
    script.steps[step].delay += *delay;
  } else {
    script.steps.resize(step);
    script.ending = Ending::hold;
  }
}

void end_early(Script& script, Ending ending) {
  script.steps.clear();
  script.ending = ending;
}

void bend(Script& script, const Fault& fault, std::size_t kept_events, std::size_t head_bytes) {
  switch (fault.kind) {
    case FaultKind::stall_before_headers:
      return stall(script, 0, fault.delay);
    case FaultKind::stall_mid_stream:
      return stall(script, kept_events + 1, fault.delay);
    case FaultKind::reset_before_headers:
      return end_early(script, Ending::reset);
    case FaultKind::close_before_headers:
      return end_early(script, Ending::close);
    case FaultKind::reset_mid_headers:
      script.steps.resize(1);
      script.steps[0].bytes.resize(head_bytes / 2);
      script.ending = Ending::reset;
      return;
    case FaultKind::reset_mid_stream:
    case FaultKind::truncate:
      cut(script, kept_events, head_bytes);
      script.ending = fault.kind == FaultKind::truncate ? Ending::close : Ending::reset;
      return;
    case FaultKind::reset_between_events:
      script.steps.resize(std::min(kept_events + 1, script.steps.size()));
      script.ending = Ending::reset;
      return;
    case FaultKind::drip:
      script.steps = dripping(script.steps, fault.delay.value_or(milliseconds(0)));
      return;
    case FaultKind::close_after_response:
    case FaultKind::raw:
      script.ending = Ending::close;
      return;
    default:
      return;
  }
}

}  // namespace

Reply json_reply(unsigned status, std::string body) {
  Reply reply;
  reply.status = status;
  reply.headers = {{"Content-Type", "application/json"}};
  reply.body = std::move(body);
  return reply;
}

bool concerns(const Fault& fault, const Reply& reply) {
  if (reply.status == 101) return acts_on_socket(fault.kind);
  switch (fault.kind) {
    case FaultKind::ws_reset:
    case FaultKind::ws_close:
      return false;
    case FaultKind::unknown_id:
      return reply.has_hidden_id;
    case FaultKind::stall_mid_stream:
    case FaultKind::no_done:
    case FaultKind::error_event:
    case FaultKind::reset_between_events:
    case FaultKind::truncated_clean:
      return reply.is_stream() && reply.status == 200;
    case FaultKind::reset_mid_stream:
    case FaultKind::truncate:
    case FaultKind::gzip:
    case FaultKind::deflate:
      return reply.status == 200;
    default:
      return true;
  }
}

std::optional<Reply> replacement(const Fault& fault) {
  if (fault.kind == FaultKind::raw) return Reply{};
  if (fault.kind != FaultKind::status) return std::nullopt;
  auto error = usual_error(fault.status);
  if (const auto named = error_named(fault.body)) {
    error.body = named->body;
    error.reason = named->status == fault.status ? named->reason : "";
  } else if (!fault.body.empty()) {
    error.body = fault.body;
  }
  return error_reply(error);
}

Script make_script(Reply reply, const std::optional<Fault>& fault, Framing framing) {
  if (fault && fault->kind == FaultKind::raw) {
    Step whole{milliseconds(0), fault->body};
    return {reply.status, {std::move(whole)}, Ending::close, 0, ""};
  }
  if (fault) {
    const auto now = std::chrono::system_clock::now();
    for (const auto& header : fault->headers) {
      std::erase_if(reply.headers, [&header](const Header& own) {
        return base::equals_ignoring_case(own.name, header.name);
      });
      reply.headers.push_back({header.name, fill_placeholders(header.value, now)});
    }
    edit_events(*fault, reply);
  }
  Script script;
  script.status = reply.status;
  add_digest(reply, script);
  encode_content(reply);
  script.steps = steps_of(reply, framing);
  if (framing.persistence == Persistence::close) script.ending = Ending::close;
  if (fault) {
    const auto head_bytes = head_of(reply, framing).size();
    bend(script, *fault, events_before(*fault, reply), head_bytes);
  }
  return script;
}

std::string http_date(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const auto length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, length};
}

std::string fill_placeholders(std::string value, std::chrono::system_clock::time_point now) {
  constexpr std::string_view kMark = "{http_date";
  const auto start = value.find(kMark);
  const auto end = value.find('}', start);
  if (start == std::string::npos || end == std::string::npos) return value;
  const auto offset = value.substr(start + kMark.size(), end - start - kMark.size());
  const auto seconds =
      base::parse_unsigned(std::string_view(offset).substr(offset.empty() ? 0 : 1));
  if (!offset.empty() && !seconds) return value;
  auto shift = std::chrono::seconds(seconds.value_or(0));
  if (offset.starts_with("-")) shift = -shift;
  return value.replace(start, end + 1 - start, http_date(now + shift));
}

}  // namespace spillway::simulator
