#pragma once
// What the bench's backend says: fixed bytes, so that it never limits what is measured.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::bench {

/// How often it misbehaves, as "each Nth request"; 0: never.
struct Faults {
  std::uint64_t throttle_each = 0;  // 429 with retry-after-ms
  std::uint64_t fail_each = 0;      // 500
  std::uint64_t cut_each = 0;       // the connection ends in the middle of the answer
};

/// A streamed answer that is sent event by event.
struct EventPlan {
  unsigned events = 0;
  std::chrono::milliseconds gap{0};
};

struct BackendAnswer {
  std::string_view bytes;
  bool is_cut = false;  // close after `bytes`
  EventPlan plan;       // with events: they follow `bytes`, and then `tail`
  std::string_view tail;
};

/// All answers, made once. Not thread-safe: it counts requests.
class Answers {
 public:
  /// `stream_events`: data events of a streamed answer whose deployment does not say.
  Answers(const Faults& faults, unsigned stream_events);

  /// By the target of the request line in `head` and by the front of the body, which says whether
  /// it is a stream. A deployment stream-50x20 streams 50 events 20 ms apart.
  /// `x-bench-refuse-once: STATUS-NUMBER` is refused with STATUS (429, 503) when NUMBER is first
  /// seen, by any listener: so the second attempt succeeds, whichever way the proxy balances.
  BackendAnswer next(std::string_view head, std::string_view body);

  /// One event, stamped with the time, so that the load sees how late it came. Gone with the next.
  std::string_view stamped_event();

 private:
  [[nodiscard]] bool is_due(std::uint64_t each) const { return each != 0 && count_ % each == 0; }
  bool is_seen_first(std::string_view number);
  BackendAnswer stream(std::string_view target, bool wants_usage);

  Faults faults_;
  std::uint64_t count_ = 0;
  unsigned stream_events_;
  std::string chat_;
  std::string embeddings_;
  std::string throttled_;
  std::string unavailable_;
  std::string failed_;
  std::string stream_head_;
  std::string tail_;
  std::string tail_with_usage_;
  std::string event_;
  std::size_t stamp_at_ = 0;
  std::map<std::pair<unsigned, bool>, std::string> whole_streams_;
  std::vector<std::uint32_t> seen_;  // by number modulo its size
};

}  // namespace spillway::bench
