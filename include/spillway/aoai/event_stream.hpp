#pragma once
// Watches a server-sent event stream go by without holding it: whether we stand between two whole
// events (the only place where an event of ours may be put), and how many went by. Line ends LF,
// CRLF and CR (WHATWG HTML §9.2.5), in any split.

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::aoai {

class EventStream {
 public:
  /// The next bytes of the stream, in order; time linear in their number.
  void observe(std::string_view bytes);

  /// True before the first byte (a byte order mark apart), and from the line end of the blank line
  /// that ends an event or a comment until the next byte that is not a line end.
  [[nodiscard]] bool is_between_events() const { return !has_content_ && is_line_empty_; }
  /// Events that a reader would have dispatched: those with at least one data line.
  [[nodiscard]] std::uint64_t event_count() const { return event_count_; }

 private:
  class LineEnds;
  enum class At : std::uint8_t { byte_order_mark, line_start, after_cr, field_name, rest_of_line };

  void end_line(char line_end);
  void enter_line(char first);
  void read_field_name(char next);

  At at_ = At::byte_order_mark;
  bool is_line_empty_ = true;
  bool has_content_ = false;  // a non-empty line since the last event end
  bool has_data_ = false;     // a data line since the last event end
  std::uint8_t matched_ = 0;  // bytes of the mark, or of "data", that fitted so far
  std::uint64_t event_count_ = 0;
};

enum class StreamShape : std::uint8_t { chat, responses };

/// The last event of a stream that broke after output had begun, in the API's own shape
/// (behaviour §5; wire reference §5.5), blank line included. Only the Responses shape carries a
/// sequence number: one per event from 0, so event_count() is the next one of a stream read from
/// its start.
std::string make_stream_error_event(StreamShape shape, std::string_view message,
                                    std::uint64_t sequence_number = 0);

}  // namespace spillway::aoai
