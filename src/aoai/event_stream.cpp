#include <spillway/aoai/event_stream.hpp>

#include <algorithm>
#include <cstring>

namespace spillway::aoai {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kData = "data";

bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}

}  // namespace

// Where the next line end is. Each of the two characters is searched for once per stretch, so that
// a stream which uses only one of them is not searched again and again for the other.
class EventStream::LineEnds {
 public:
  LineEnds(const char* begin, const char* end)
      : end_(end), lf_(find('\n', begin)), cr_(find('\r', begin)) {}

  const char* next(const char* from) {
    if (lf_ < from) lf_ = find('\n', from);
    if (cr_ < from) cr_ = find('\r', from);
    return std::min(lf_, cr_);
  }

 private:
  [[nodiscard]] const char* find(char c, const char* from) const {
    if (from == end_) return end_;
    const void* found = std::memchr(from, c, static_cast<std::size_t>(end_ - from));
    return found == nullptr ? end_ : static_cast<const char*>(found);
  }

  const char* end_;
  const char* lf_;
  const char* cr_;
};

void EventStream::observe(std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  LineEnds line_ends(at, end);
  while (at != end) {
    if (at_ == At::rest_of_line) {
      at = line_ends.next(at);
      if (at == end) return;
    }
    const char c = *at++;
    if (is_line_end(c)) {
      end_line(c);
    } else if (at_ == At::field_name) {
      read_field_name(c);
    } else {
      enter_line(c);
    }
  }
}

void EventStream::end_line(char line_end) {
  // The second half of a CRLF ends nothing.
  const bool is_second_half = at_ == At::after_cr && line_end == '\n';
  if (at_ == At::field_name && matched_ == kData.size()) has_data_ = true;
  at_ = line_end == '\r' ? At::after_cr : At::line_start;
  matched_ = 0;
  if (is_second_half) return;
  if (!is_line_empty_) {
    has_content_ = true;
    is_line_empty_ = true;
    return;
  }
  if (has_data_) ++event_count_;
  has_content_ = false;
  has_data_ = false;
}

void EventStream::enter_line(char first) {
  if (at_ == At::byte_order_mark && first == kByteOrderMark[matched_]) {
    ++matched_;
    is_line_empty_ = matched_ == kByteOrderMark.size();
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
  if (is_in_field_name) read_field_name(first);
}

void EventStream::read_field_name(char next) {
  if (next == ':' && matched_ == kData.size()) {
    has_data_ = true;
  } else if (matched_ < kData.size() && next == kData[matched_]) {
    ++matched_;
    return;
  }
  at_ = At::rest_of_line;
}

}  // namespace spillway::aoai
