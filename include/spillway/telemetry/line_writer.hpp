#pragma once
// Writes whole lines to a file descriptor. Waits for room in a pipe only as long as it is told to,
// and counts what it cannot write; the thread of LogOutput uses it, never the data plane.

#include <chrono>
#include <cstdint>
#include <string_view>

namespace spillway::telemetry {

/// Whether a descriptor takes bytes now.
enum class Room : std::uint8_t {
  free,
  none,    // a pipe that nobody empties
  broken,  // nobody reads any more, or no such descriptor: writing tells why
};

/// Not thread-safe. Does not own the descriptor, and leaves its flags alone: standard output is
/// shared with whoever started us. The process ignores SIGPIPE.
class LineWriter {
 public:
  /// `patience`: how long the rest of a line that was begun may wait for room.
  LineWriter(int descriptor, std::chrono::milliseconds patience)
      : descriptor_(descriptor), patience_(patience) {}

  /// Adds the line end. False: there was no room at once (or nobody reads any more, or the disk is
  /// full) and the line is lost, or its end is.
  bool write(std::string_view line);
  /// Waits for room, at most so long.
  [[nodiscard]] Room wait_for_room(std::chrono::milliseconds patience) const;

  /// Lines lost since the last call.
  std::uint64_t take_lost_count();

 private:
  enum class Sent : std::uint8_t { all, nothing, part };
  Sent send(std::string_view text);

  int descriptor_;
  std::chrono::milliseconds patience_;
  std::uint64_t lost_count_ = 0;
  bool is_line_broken_ = false;  // the last line lacks its end
};

}  // namespace spillway::telemetry
