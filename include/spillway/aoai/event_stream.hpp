#pragma once
// Watches a server-sent event stream go by without holding it: whether we stand between two whole
// events (the only place where an event of ours may be put), and how many went by. Line ends LF, CRLF
// and CR (WHATWG HTML §9.2.5), in any split.

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::aoai {

class EventStream {
 public:
  void observe(std::string_view bytes);

  [[nodiscard]] bool is_between_events() const { return is_between_events_; }
  [[nodiscard]] std::uint64_t event_count() const { return event_count_; }

 private:
  enum class At : std::uint8_t { line_start, in_line, after_cr };
  At at_ = At::line_start;
  bool line_is_empty_ = true;
  bool has_content_ = false;  // a non-empty line since the last event end
  bool is_between_events_ = true;
  std::uint64_t event_count_ = 0;
};

enum class StreamShape : std::uint8_t { chat, responses };

/// The last event of a stream that broke after output had begun, in the API's own shape
/// (behaviour §5; wire reference §5.5), blank line included.
std::string make_stream_error_event(StreamShape shape, std::string_view message);

}  // namespace spillway::aoai
