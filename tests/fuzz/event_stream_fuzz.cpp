// Any bytes: the split between reads makes no difference, and the events are those that a reader of
// the whole text finds by the letter of WHATWG HTML §9.2.6.

#include <spillway/aoai/event_stream.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using spillway::aoai::EventSink;
using spillway::aoai::EventStream;

struct Event {
  std::string name;
  std::string data;
  friend bool operator==(const Event&, const Event&) = default;
};

class Collector final : public EventSink {
 public:
  std::vector<Event> events;

  void on_data(std::string_view piece) override { data_ += piece; }
  void on_event(std::string_view name) override {
    events.push_back({std::string(name), data_});
    data_.clear();
  }

 private:
  std::string data_;
};

// Takes the first line away, its end included; false if it has none.
bool take_line(std::string_view& text, std::string_view& line) {
  const auto end = text.find_first_of("\r\n");
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  const bool is_crlf = text.substr(end).starts_with("\r\n");
  text.remove_prefix(end + (is_crlf ? 2 : 1));
  return true;
}

std::vector<Event> events_of(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<Event> events;
  Event event;
  bool has_data = false;
  for (std::string_view line; take_line(text, line);) {
    if (line.empty()) {
      if (has_data) events.push_back(event);
      event = Event();
      has_data = false;
      continue;
    }
    const auto colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "event") event.name = value.substr(0, EventStream::kMaxName);
    if (name != "data") continue;
    if (has_data) event.data += '\n';
    event.data += value;
    has_data = true;
  }
  return events;
}

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = data[0] == 0 ? 1 : data[0];
  EventStream whole;
  Collector of_whole;
  whole.observe(bytes, of_whole);
  EventStream split;
  Collector of_split;
  for (std::size_t i = 0; i < bytes.size(); i += step)
    split.observe(bytes.substr(i, step), of_split);
  EventStream by_event;
  Collector of_events;
  for (std::string_view rest = bytes; !rest.empty();)
    rest.remove_prefix(by_event.observe_to_event_end(rest, of_events));
  check(whole.is_between_events() == split.is_between_events());
  check(whole.is_between_events() == by_event.is_between_events());
  check(whole.event_count() == of_whole.events.size());
  check(of_whole.events == of_split.events);
  check(of_whole.events == of_events.events);
  check(of_whole.events == events_of(bytes));
  return 0;
}
