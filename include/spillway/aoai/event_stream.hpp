#pragma once
// Watches a server-sent event stream go by without holding it: whether we stand between two whole
// events (the only place where an event of ours may be put), how many went by, and, for a sink,
// what they say. Line ends LF, CRLF and CR (WHATWG HTML §9.2.5), in any split.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spillway::aoai {

/// What an EventStream tells of the events, if somebody wants to know.
class EventSink {
 public:
  virtual ~EventSink() = default;

  /// The next piece of the event's data; its lines are joined by line feeds.
  virtual void on_data(std::string_view piece) = 0;
  /// A whole event with at least one data line has gone by. `name` is what its `event:` line said,
  /// the first 64 bytes; empty: none.
  virtual void on_event(std::string_view name) = 0;
};

class EventStream {
 public:
  static constexpr std::size_t kMaxName = 64;

  /// The next bytes of the stream, in order; time linear in their number.
  void observe(std::string_view bytes);
  void observe(std::string_view bytes, EventSink& sink);
  /// The same up to where we stand between two events (is_between_events), and says how many bytes
  /// that were, at least one: all of them if no event or comment ends there.
  std::size_t observe_to_event_end(std::string_view bytes, EventSink& sink);

  /// True before the first byte (a byte order mark apart), and from the line end of the blank line
  /// that ends an event or a comment until the next byte that is not a line end.
  [[nodiscard]] bool is_between_events() const { return !has_content_ && is_line_empty_; }
  /// Events that a reader would have dispatched: those with at least one data line.
  [[nodiscard]] std::uint64_t event_count() const { return event_count_; }

 private:
  class LineEnds;
  enum class Until : std::uint8_t { end_of_bytes, end_of_event };
  enum class At : std::uint8_t {
    byte_order_mark,
    line_start,
    after_cr,
    field_name,
    after_colon,  // a blank here is not of the value
    value,
    rest_of_line,
  };
  enum class Field : std::uint8_t { data, event };

  std::size_t run(std::string_view bytes, EventSink* sink, Until until);
  [[nodiscard]] std::string_view sought_name() const;
  void end_line(char line_end, EventSink* sink);
  void end_block(EventSink* sink);
  void enter_line(char first);
  void read_field_name(char next);
  void end_field_name(EventSink* sink);
  void read_value(std::string_view piece, EventSink* sink);

  At at_ = At::byte_order_mark;
  Field field_ = Field::data;  // whose name the line may still have, or has
  bool is_line_empty_ = true;
  bool has_content_ = false;  // a non-empty line since the last event end
  bool has_data_ = false;     // a data line since the last event end
  std::uint8_t matched_ = 0;  // bytes of the mark, or of the field's name, that fitted so far
  std::uint8_t name_length_ = 0;
  std::array<char, kMaxName> name_{};  // of the event
  std::uint64_t event_count_ = 0;
};

}  // namespace spillway::aoai
