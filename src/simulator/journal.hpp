#pragma once
// What happened, for tests: the requests each server saw, and counts of events that a test can wait
// for instead of sleeping. Thread-safe; written on the simulator's thread, read from any.

#include "simulator/request.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::simulator {

enum class Event {
  connected,     // a connection was accepted
  disconnected,  // a connection ended, whoever ended it
  received,      // a whole request was read
  completed,     // a whole answer was written
  aborted,       // the client was gone before the answer was whole
  faulted,       // a fault broke the answer off
  throttled,     // the answer was a 429
  ws_opened,     // a WebSocket handshake succeeded
  ws_message,    // a whole message came on a WebSocket
  ws_closed,     // a WebSocket ended, in whatever way
};

inline constexpr std::array kEvents{
    Event::connected, Event::disconnected, Event::received,  Event::completed,  Event::aborted,
    Event::faulted,   Event::throttled,    Event::ws_opened, Event::ws_message, Event::ws_closed};

std::string_view name_of(Event event);
std::optional<Event> event_of(std::string_view name);

/// How a WebSocket went.
struct RecordedSocket {
  /// The sub-protocol that was agreed on; empty: none.
  std::string protocol;
  /// Whole messages, text and binary.
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  /// From the client.
  std::uint64_t pings = 0;
  std::uint64_t pongs = 0;
  /// `closed CODE [REASON]`, whoever began it; `aborted`: the client's connection ended without a
  /// close frame; `broken off`: a fault did. Empty while it is open.
  std::string ended;
};

struct RecordedRequest {
  std::uint64_t id = 0;
  /// The endpoint's name, or that of the identity service.
  std::string endpoint;
  /// Number of the connection it came on, from 1, counted over all endpoints.
  std::uint64_t connection = 0;
  std::string method;
  std::string target;
  /// As they came, credentials included.
  std::vector<Header> headers;
  /// At most kBodyKept bytes of it; `body_bytes` is the whole size. Of a WebSocket the text
  /// messages that came, one a line.
  std::string body;
  std::uint64_t body_bytes = 0;
  std::string body_sha256;
  std::vector<FormPart> form;
  std::chrono::system_clock::time_point received_at;
  /// 0 while nothing is decided.
  unsigned status = 0;
  /// completed, aborted or faulted; nothing while the answer is under way.
  std::optional<Event> outcome;
  /// The fault that acted on it, if any.
  std::string fault;
  /// As in the answer's header x-sim-answer; empty where it has none.
  std::string answer;
  /// Of the body that the whole answer has, whether or not a fault cut it.
  std::uint64_t answer_bytes = 0;
  std::string answer_sha256;
  /// Present from the moment that a WebSocket is open.
  std::optional<RecordedSocket> socket;

  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

class Journal {
 public:
  static constexpr std::size_t kBodyKept = std::size_t{64} * 1024;
  static constexpr std::size_t kRequestsKept = 4096;

  std::uint64_t begin(RecordedRequest request);
  void decide(std::uint64_t id, unsigned status, std::string_view fault);
  void finish(std::uint64_t id, Event outcome);
  void count(const std::string& endpoint, Event event);
  /// Changes a record, if it is still kept.
  void change(std::uint64_t id, const std::function<void(RecordedRequest&)>& change);
  /// The same, an event together with that.
  void note(std::uint64_t id, Event event, const std::function<void(RecordedRequest&)>& change);

  /// The last kRequestsKept, oldest first; of one endpoint, or of all if it is empty.
  [[nodiscard]] std::vector<RecordedRequest> requests(std::string_view endpoint = {}) const;
  [[nodiscard]] std::uint64_t counted(const std::string& endpoint, Event event) const;

  /// Blocks until the event has happened `count` times since the start or the last clear. False if
  /// that did not come true in time.
  bool wait_for(const std::string& endpoint, Event event, std::uint64_t count,
                std::chrono::milliseconds timeout) const;
  void clear();

 private:
  void count_locked(const std::string& endpoint, Event event);
  RecordedRequest* find_locked(std::uint64_t id);
  [[nodiscard]] std::uint64_t counted_locked(const std::string& endpoint, Event event) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<RecordedRequest> requests_;
  std::map<std::pair<std::string, Event>, std::uint64_t> counts_;
  std::uint64_t next_id_ = 1;
};

}  // namespace spillway::simulator
