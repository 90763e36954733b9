#include <spillway/aoai/event_stream.hpp>

#include <algorithm>
#include <cstring>

namespace spillway::aoai {
namespace {

constexpr std::string_view kLeadingMark = "\xEF\xBB\xBF";
constexpr std::string_view kData = "data";
constexpr std::string_view kEvent = "event";

bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}

}  // namespace

// Where the next line end is. A stream uses one of the two characters as a rule: the other is
// looked for only before it, or once.
class EventStream::LineEnds {
 public:
  LineEnds(const char* begin, const char* end) : end_(end), lf_(find('\n', begin, end)) {}

  const char* next(const char* from) {
    if (lf_ < from) lf_ = find('\n', from, end_);
    return find('\r', from, lf_);
  }

 private:
  static const char* find(char c, const char* from, const char* end) {
    if (from == end) return end;
    const void* found = std::memchr(from, c, static_cast<std::size_t>(end - from));
    return found == nullptr ? end : static_cast<const char*>(found);
  }

  const char* end_;
  const char* lf_;
};

void EventStream::observe(std::string_view bytes) {
  run(bytes, nullptr, Until::end_of_bytes);
}

void EventStream::observe(std::string_view bytes, EventSink& sink) {
  run(bytes, &sink, Until::end_of_bytes);
}

std::size_t EventStream::observe_to_event_end(std::string_view bytes, EventSink& sink) {
  return run(bytes, &sink, Until::end_of_event);
}

std::size_t EventStream::run(std::string_view bytes, EventSink* sink, Until until) {
  const char* const begin = bytes.data();
  const char* at = begin;
  const char* const end = at + bytes.size();
  LineEnds line_ends(at, end);
  while (at != end) {
    if (at_ == At::value || at_ == At::rest_of_line) {
      const char* const stop = line_ends.next(at);
      if (at_ == At::value) read_value({at, static_cast<std::size_t>(stop - at)}, sink);
      at = stop;
      if (at == end) break;
    }
    const char c = *at++;
    if (is_line_end(c)) {
      end_line(c, sink);
    } else if (at_ == At::field_name) {
      read_field_name(c);
      if (at_ == At::after_colon) end_field_name(sink);
    } else if (at_ == At::after_colon) {
      at_ = At::value;
      if (c != ' ') --at;
    } else {
      enter_line(c);
    }
    if (until == Until::end_of_event && is_between_events()) break;
  }
  return static_cast<std::size_t>(at - begin);
}

std::string_view EventStream::sought_name() const {
  return field_ == Field::data ? kData : kEvent;
}

void EventStream::end_line(char line_end, EventSink* sink) {
  // The second half of a CRLF ends nothing.
  const bool is_second_half = at_ == At::after_cr && line_end == '\n';
  // A name without a colon has an empty value.
  if (at_ == At::field_name && matched_ == sought_name().size()) end_field_name(sink);
  at_ = line_end == '\r' ? At::after_cr : At::line_start;
  matched_ = 0;
  if (is_second_half) return;
  if (is_line_empty_) return end_block(sink);
  has_content_ = true;
  is_line_empty_ = true;
}

void EventStream::end_block(EventSink* sink) {
  if (has_data_) {
    ++event_count_;
    if (sink != nullptr) sink->on_event({name_.data(), name_length_});
  }
  name_length_ = 0;
  has_data_ = false;
  has_content_ = false;
}

void EventStream::enter_line(char first) {
  if (at_ == At::byte_order_mark && first == kLeadingMark[matched_]) {
    ++matched_;
    is_line_empty_ = matched_ == kLeadingMark.size();
    if (is_line_empty_) {
      at_ = At::line_start;
      matched_ = 0;
    }
    return;
  }
  // Half a mark is the beginning of an unknown field name.
  const bool is_in_field_name = at_ != At::byte_order_mark || matched_ == 0;
  is_line_empty_ = false;
  matched_ = 0;
  at_ = is_in_field_name ? At::field_name : At::rest_of_line;
  field_ = first == kData[0] ? Field::data : Field::event;
  if (is_in_field_name) read_field_name(first);
}

void EventStream::read_field_name(char next) {
  const std::string_view name = sought_name();
  if (matched_ == name.size()) {
    at_ = next == ':' ? At::after_colon : At::rest_of_line;
  } else if (next == name[matched_]) {
    ++matched_;
  } else {
    at_ = At::rest_of_line;
  }
}

void EventStream::end_field_name(EventSink* sink) {
  if (field_ == Field::event) {
    name_length_ = 0;
    return;
  }
  if (has_data_ && sink != nullptr) sink->on_data("\n");
  has_data_ = true;
}

void EventStream::read_value(std::string_view piece, EventSink* sink) {
  if (field_ == Field::data) {
    if (sink != nullptr && !piece.empty()) sink->on_data(piece);
    return;
  }
  piece = piece.substr(0, kMaxName - name_length_);
  std::copy(piece.begin(), piece.end(), name_.begin() + name_length_);
  name_length_ = static_cast<std::uint8_t>(name_length_ + piece.size());
}

}  // namespace spillway::aoai
