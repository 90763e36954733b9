#include "simulator/fault.hpp"

#include "simulator/error_events.hpp"
#include "simulator/errors.hpp"
#include <spillway/base/text.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace spillway::simulator {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<FaultKind, std::string_view>, 22> kFaultNames{{
    {FaultKind::status, "status"},
    {FaultKind::raw, "raw"},
    {FaultKind::stall_before_headers, "stall_before_headers"},
    {FaultKind::stall_mid_stream, "stall_mid_stream"},
    {FaultKind::reset_before_headers, "reset_before_headers"},
    {FaultKind::close_before_headers, "close_before_headers"},
    {FaultKind::reset_mid_headers, "reset_mid_headers"},
    {FaultKind::reset_mid_stream, "reset_mid_stream"},
    {FaultKind::truncate, "truncate"},
    {FaultKind::no_done, "no_done"},
    {FaultKind::drip, "drip"},
    {FaultKind::error_event, "error_event"},
    {FaultKind::ws_reset, "ws_reset"},
    {FaultKind::ws_close, "ws_close"},
    {FaultKind::reset_between_events, "reset_between_events"},
    {FaultKind::truncated_clean, "truncated_clean"},
    {FaultKind::gzip, "gzip"},
    {FaultKind::deflate, "deflate"},
    {FaultKind::unknown_id, "unknown_id"},
    {FaultKind::close_after_response, "close_after_response"},
    {FaultKind::refuse, "refuse"},
    {FaultKind::down, "down"},
}};

std::uint32_t number_of(std::string_view key, std::string_view text) {
  const auto number = base::parse_unsigned(text);
  if (!number || *number > 0xffff'ffffU) {
    throw std::invalid_argument("fault: " + std::string(key) + ": '" + std::string(text) +
                                "' is not a number from 0 to 4294967295");
  }
  return static_cast<std::uint32_t>(*number);
}

/// A kind, or the name of a body, which is then answered with the status that goes with it.
void set_kind(Fault& fault, std::string_view text) {
  const auto kind = fault_kind_of(text);
  if (const auto body = error_named(text); body && !kind) {
    fault.kind = FaultKind::status;
    fault.status = body->status;
    fault.body = text;
    return;
  }
  if (!kind) {
    std::string known;
    for (const auto& [value, name] : kFaultNames)
      known += " " + std::string(name);
    throw std::invalid_argument("fault: unknown kind '" + std::string(text) +
                                "', the name of a body or one of:" + known);
  }
  fault.kind = *kind;
}

/// Whether `key` is a field of Fault with a plain value; sets it then.
bool set_field(Fault& fault, std::string_view key, const std::string& value) {
  if (key == "kind") {
    set_kind(fault, value);
  } else if (key == "status") {
    fault.status = number_of(key, value);
    if (fault.status < 200 || fault.status > 599) {
      throw std::invalid_argument("fault: status: " + value + " is not from 200 to 599");
    }
  } else if (key == "body") {
    fault.body = value;
  } else if (key == "after_events") {
    fault.after_events = number_of(key, value);
  } else if (key == "after_output") {
    fault.after_output = number_of(key, value);
  } else if (key == "shape") {
    if (!is_error_shape(value))
      throw std::invalid_argument("fault: shape: '" + value +
                                  "' is none of data, event, flat, nested, failed");
    fault.shape = value;
  } else if (key == "code") {
    fault.code = static_cast<std::uint16_t>(number_of(key, value) & 0xffffU);
  } else if (key == "reason") {
    fault.reason = value;
  } else if (key == "delay" || key == "delay_ms") {
    fault.delay = std::chrono::milliseconds(number_of(key, value));
  } else if (key == "deployment") {
    fault.deployment = value;
  } else if (key == "path_contains") {
    fault.path_contains = value;
  } else if (key == "times") {
    fault.times = number_of(key, value);
  } else {
    return false;
  }
  return true;
}

std::string scalar_text(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Fault from_json(const json& object) {
  Fault fault;
  for (const auto& [key, value] : object.items()) {
    if (key == "headers" && value.is_object()) {
      for (const auto& [name, text] : value.items()) {
        fault.headers.push_back({name, scalar_text(text)});
      }
    } else if (!value.is_primitive() || !set_field(fault, key, scalar_text(value))) {
      throw std::invalid_argument("fault: '" + key +
                                  "' is not one of kind, status, body, headers (an object), "
                                  "after_events, after_output, shape, code, reason, delay (ms), "
                                  "deployment, path_contains, times");
    }
  }
  return fault;
}

Fault from_words(std::string_view text) {
  Fault fault;
  std::istringstream words{std::string(text)};
  std::string word;
  words >> word;
  if (base::parse_unsigned(word)) {
    set_field(fault, "status", word);
  } else {
    set_kind(fault, word);
  }
  while (words >> word) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) {
      throw std::invalid_argument("fault: '" + word + "' is not key=value");
    }
    const std::string key = word.substr(0, equals);
    const std::string value = word.substr(equals + 1);
    if (!set_field(fault, key, value)) fault.headers.push_back({key, value});
  }
  return fault;
}

}  // namespace

std::string_view name_of(FaultKind kind) {
  for (const auto& [value, name] : kFaultNames) {
    if (value == kind) return name;
  }
  return "unknown";
}

std::optional<FaultKind> fault_kind_of(std::string_view name) {
  for (const auto& [value, known] : kFaultNames) {
    if (known == name) return value;
  }
  return std::nullopt;
}

Fault parse_fault(std::string_view text) {
  text = base::trim(text);
  if (text.empty()) throw std::invalid_argument("fault: empty; say a kind or a status");
  if (text.front() != '{') return from_words(text);
  const auto object = json::parse(text, nullptr, false);
  if (!object.is_object()) throw std::invalid_argument("fault: not a JSON object");
  return from_json(object);
}

std::string to_json(const Fault& fault) {
  json out{{"kind", name_of(fault.kind)}};
  if (fault.kind == FaultKind::status) out["status"] = fault.status;
  if (!fault.body.empty()) out["body"] = fault.body;
  for (const auto& [name, value] : fault.headers)
    out["headers"][name] = value;
  if (fault.after_events) out["after_events"] = *fault.after_events;
  if (fault.after_output) out["after_output"] = *fault.after_output;
  if (!fault.shape.empty()) out["shape"] = fault.shape;
  if (fault.kind == FaultKind::ws_close) out["code"] = fault.code;
  if (!fault.reason.empty()) out["reason"] = fault.reason;
  if (fault.delay) out["delay"] = fault.delay->count();
  if (!fault.deployment.empty()) out["deployment"] = fault.deployment;
  if (!fault.path_contains.empty()) out["path_contains"] = fault.path_contains;
  if (fault.times != 0) out["times"] = fault.times;
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool acts_on_listener(FaultKind kind) {
  return kind == FaultKind::refuse || kind == FaultKind::down;
}

bool acts_within_socket(FaultKind kind) {
  switch (kind) {
    case FaultKind::ws_reset:
    case FaultKind::ws_close:
    case FaultKind::stall_mid_stream:
    case FaultKind::reset_mid_stream:
    case FaultKind::truncate:
    case FaultKind::error_event:
      return true;
    default:
      return false;
  }
}

bool acts_on_socket(FaultKind kind) {
  switch (kind) {
    case FaultKind::status:
    case FaultKind::raw:
    case FaultKind::stall_before_headers:
    case FaultKind::reset_before_headers:
    case FaultKind::close_before_headers:
    case FaultKind::reset_mid_headers:
      return true;
    default:
      return acts_within_socket(kind);
  }
}

bool breaks_off(FaultKind kind) {
  switch (kind) {
    case FaultKind::reset_before_headers:
    case FaultKind::close_before_headers:
    case FaultKind::reset_mid_headers:
    case FaultKind::reset_mid_stream:
    case FaultKind::reset_between_events:
    case FaultKind::truncate:
      return true;
    default:
      return false;
  }
}

}  // namespace spillway::simulator
