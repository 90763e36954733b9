#pragma once
// Everything one access-log line says of one request: who, what, which backends were tried and why,
// how it ended, how long it took. Filled by the gateway, formatted here; holds no secret.

#include <spillway/base/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::telemetry {

/// What an answer cost, in the words of the Responses API. Details are parts of the first two.
struct TokenCounts {
  std::uint64_t input = 0;
  std::uint64_t output = 0;
  std::uint64_t total = 0;
  std::uint64_t cached = 0;              // of input
  std::uint64_t cache_write = 0;         // of input
  std::uint64_t reasoning = 0;           // of output
  std::uint64_t input_audio = 0;         // of input
  std::uint64_t input_image = 0;         // of input
  std::uint64_t output_audio = 0;        // of output
  std::uint64_t audio_milliseconds = 0;  // of a transcription that is charged by duration
  bool is_known = false;                 // else all are 0
  bool is_estimated = false;             // a guess of ours: the answer did not say
};

/// One attempt on one backend.
struct AttemptRecord {
  std::string backend;
  std::string deployment;         // as this backend calls it; empty: none named
  std::string_view outcome;       // success, throttled, fault, …
  unsigned status = 0;            // 0: no answer
  std::string_view fault;         // connect_failed, timed_out, …; empty: an answer came
  std::string reason;             // detail of the fault; empty: none
  std::string_view delay_source;  // where the time to stay away came from; empty: none
  base::Duration delay{};
  base::Duration duration{};  // until its head or its failure
  bool is_reused = false;     // the connection was one kept from before
  TokenCounts tokens;
};

enum class Ending : std::uint8_t {
  complete,       // the whole answer reached the caller
  refused,        // our own answer, no backend's
  client_gone,    // the caller went away first
  upstream_cut,   // the backend broke off after output had begun
  timed_out,      // a deadline passed after output had begun
  shutting_down,  // cut by the end of drain
};
std::string_view name_of(Ending ending);

struct AccessRecord {
  base::WallTime time;  // when the request's first byte was read
  std::string request_id;
  std::string client;          // configured name; "anonymous"; empty: not known
  std::string app_id;          // of a caller with an Entra token: its application
  std::string object_id;       // and its user or service principal
  std::string peer;            // address:port
  std::string client_address;  // behind trusted proxies; empty: none are configured
  std::string method;
  std::string target;  // redacted
  std::string_view operation;
  std::string deployment;  // as the caller named it
  std::string pool;
  bool is_stream = false;
  unsigned status = 0;     // what the caller got; 0: nothing
  std::string error_code;  // ours; empty: the answer is a backend's
  std::string error;       // the operator's detail
  std::string backend;     // whose answer the caller got; empty: ours
  std::vector<AttemptRecord> attempts;
  unsigned client_retry_count = 0;   // x-stainless-retry-count
  std::uint64_t request_bytes = 0;   // body
  std::uint64_t response_bytes = 0;  // body
  std::uint64_t events = 0;          // of a stream
  std::string_view upgrade;          // websocket; empty: none
  std::uint64_t messages_in = 0;     // of a WebSocket, from the caller
  std::uint64_t messages_out = 0;    // to the caller
  base::Duration first_byte{};       // from the request's first byte to the answer's head
  base::Duration total{};
  Ending ending = Ending::complete;
};

/// One line without its end, at most 8 KiB; each text at most 1 KiB (docs/access-log.md).
std::string format_json(const AccessRecord& record);
std::string format_text(const AccessRecord& record);

}  // namespace spillway::telemetry
