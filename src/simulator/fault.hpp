#pragma once
// One way of misbehaving, and the two notations for it: JSON (control API, header) and a short
// text. Pure; what a fault does to an answer is in script.hpp, what it does to a listener in
// server.hpp.

#include "simulator/request.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::simulator {

enum class FaultKind {
  status,                // answer with `status`, `body` and `headers` instead
  raw,                   // answer with exactly the bytes of `body`, then close
  stall_before_headers,  // silence of `delay` (none given: for ever), then go on
  stall_mid_stream,      // the same after `after_events`
  reset_before_headers,  // TCP reset instead of an answer
  close_before_headers,  // orderly close instead of an answer
  reset_mid_headers,     // reset in the middle of the head
  reset_mid_stream,      // reset in the middle of the chunk after `after_events`, or of the body
  truncate,              // the same place, orderly close without the last chunk
  no_done,               // the stream ends well, but without finish_reason's `[DONE]`
  drip,                  // one byte per write, `delay` (default 0) apart
  error_event,           // an error event inside the 200 stream, which then ends
  ws_reset,              // reset of a WebSocket between two messages, after `after_events`
  ws_close,              // close frame with `code` and `reason`, after `after_events`
  reset_between_events,  // reset after `after_events`, with nothing of the next
  truncated_clean,       // the stream ends well after `after_events`: no finish, no `[DONE]`
  gzip,                  // the answer comes gzipped although nobody asked
  deflate,               // the same with deflate
  unknown_id,            // an id that is known is answered as if it were not
  close_after_response,  // close after a whole answer that announced keep-alive
  refuse,                // stop listening; open connections live on
  down,                  // stop listening and reset every open connection
};

struct Fault {
  FaultKind kind = FaultKind::status;
  unsigned status = 429;
  /// A name of errors.hpp, or a literal body. Empty: what is usual for the status. For error_event
  /// `server_error` (default) or `too_many_requests`.
  std::string body;
  /// Added to the answer. `{http_date+5}` in a value becomes the date in five seconds.
  std::vector<Header> headers;
  /// Events sent before the fault acts. Default: one output event; for error_event none.
  std::optional<std::uint32_t> after_events;
  /// The same, but counts only events with output, after the preamble: 0 is right after it.
  std::optional<std::uint32_t> after_output;
  /// Of error_event: a shape of error_events.hpp.
  std::string shape;
  /// Of ws_close.
  std::uint16_t code = 1011;
  std::string reason;
  /// Stalls: none is for ever.
  std::optional<std::chrono::milliseconds> delay;
  /// Only requests for this deployment, or whose target contains this text.
  std::string deployment;
  std::string path_contains;
  /// Only the next so many requests; 0: until cleared.
  std::uint32_t times = 0;
};

std::string_view name_of(FaultKind kind);
std::optional<FaultKind> fault_kind_of(std::string_view name);

/// `{"kind":"status","status":429,"headers":{"retry-after-ms":"1500"},"times":2}`, or short:
/// `429 retry-after-ms=1500 times=2`, `reset_mid_stream after_events=3`, `aad_bad_secret times=1`
/// (a body's name with its usual status). In the short form an unknown key is a header. Throws
/// std::invalid_argument saying what is wrong.
Fault parse_fault(std::string_view text);

std::string to_json(const Fault& fault);

/// Whether the fault acts on the listener rather than on an answer.
bool acts_on_listener(FaultKind kind);

/// Whether the fault can act on a WebSocket: in place of the handshake, or after so many messages.
bool acts_on_socket(FaultKind kind);

/// Whether it acts in the middle of a WebSocket that was opened; `after_events` counts its
/// messages, default 1.
bool acts_within_socket(FaultKind kind);

/// Whether an answer with this fault ends before it is whole.
bool breaks_off(FaultKind kind);

}  // namespace spillway::simulator
