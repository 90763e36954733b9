#pragma once
// Takes out of a chat stream the one chunk that comes of an `include_usage` the caller did not ask
// for: `choices` empty and `usage` an object. All else passes byte for byte; `"usage":null` of
// other chunks stays (behaviour §10).

#include <spillway/aoai/event_stream.hpp>
#include <spillway/aoai/json_events.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::aoai {

class UsageChunkFilter {
 public:
  /// An event is held while it may still be the usage chunk, and no longer than this.
  static constexpr std::size_t kMaxHeld = std::size_t{16} << 10U;

  /// The next bytes of the stream; appends to `out` what is to go on.
  void push(std::string_view in, std::string& out);
  /// The stream has ended: appends what is still held, for it was no whole event.
  void finish(std::string& out);

  /// What went out so far ends between two whole events: see EventStream.
  [[nodiscard]] bool is_between_events() const {
    return !held_.empty() || events_.is_between_events();
  }
  /// Chunks taken out.
  [[nodiscard]] std::uint64_t removed_count() const { return removed_count_; }

 private:
  class ChunkReader;
  enum class Verdict : std::uint8_t { open, passes };

  void push_blank_line(std::string_view line_end, std::string& out);
  void take(std::string_view piece, std::string& out);
  void end_event(char last, std::string& out);

  EventStream events_;
  json::Scanner scanner_;
  Verdict verdict_ = Verdict::open;  // on the event that is going by
  bool has_removed_cr_ = false;      // the byte before; a line feed behind it shares its fate
  bool has_empty_choices_ = false;
  bool has_usage_ = false;
  std::string held_;  // of the event, from its first byte, while the verdict is open
  std::uint64_t removed_count_ = 0;
};

}  // namespace spillway::aoai
