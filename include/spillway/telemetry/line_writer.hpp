#pragma once
// Writes whole lines to a file descriptor without ever waiting long for its reader: a full pipe
// costs lines, which are counted, and never the data plane.

#include <chrono>
#include <cstdint>
#include <string_view>

namespace spillway::telemetry {

/// Not thread-safe; the log calls it under its own lock. Does not own the descriptor, and leaves
/// its flags alone: standard output is shared with whoever started us. The process ignores SIGPIPE.
class LineWriter {
 public:
  /// `patience`: how long the rest of a line that was begun may wait for room.
  LineWriter(int descriptor, std::chrono::milliseconds patience)
      : descriptor_(descriptor), patience_(patience) {}

  /// Adds the line end. False: there was no room at once (or nobody reads any more) and the line is
  /// lost, or its end is.
  bool write(std::string_view line);

  /// Lines lost since the last call.
  std::uint64_t take_lost_count();

 private:
  enum class Sent : std::uint8_t { all, nothing, part };
  Sent send(std::string_view text);
  [[nodiscard]] bool has_room(std::chrono::milliseconds wait) const;

  int descriptor_;
  std::chrono::milliseconds patience_;
  std::uint64_t lost_count_ = 0;
  bool is_line_broken_ = false;  // the last line lacks its end
};

}  // namespace spillway::telemetry
