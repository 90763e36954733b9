#pragma once
// What the bench's backend says: fixed bytes, so that it never limits what is measured.

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::bench {

/// How often it misbehaves, as "each Nth request"; 0: never.
struct Faults {
  std::uint64_t throttle_each = 0;  // 429 with retry-after-ms
  std::uint64_t fail_each = 0;      // 500
  std::uint64_t cut_each = 0;       // the connection ends in the middle of the answer
};

struct BackendAnswer {
  std::string_view bytes;
  bool is_cut = false;  // close after `bytes`
};

/// All answers, made once. Not thread-safe: it counts requests.
class Answers {
 public:
  /// `stream_events`: data events of a streamed answer.
  Answers(const Faults& faults, unsigned stream_events);

  /// `target` of the request line; the body says whether it is a stream.
  BackendAnswer next(std::string_view target, std::string_view body);

 private:
  [[nodiscard]] bool is_due(std::uint64_t each) const { return each != 0 && count_ % each == 0; }

  Faults faults_;
  std::uint64_t count_ = 0;
  std::string chat_;
  std::string stream_;
  std::string embeddings_;
  std::string throttled_;
  std::string failed_;
};

}  // namespace spillway::bench
