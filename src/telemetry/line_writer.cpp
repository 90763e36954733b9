#include <spillway/telemetry/line_writer.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace spillway::telemetry {

bool LineWriter::write(std::string_view line) {
  std::string text;
  text.reserve(line.size() + 2);
  if (is_line_broken_) text += '\n';
  text += line;
  text += '\n';
  const Sent sent = send(text);
  if (sent == Sent::part) is_line_broken_ = true;
  if (sent == Sent::all) is_line_broken_ = false;
  if (sent != Sent::all) ++lost_count_;
  return sent == Sent::all;
}

std::uint64_t LineWriter::take_lost_count() {
  return std::exchange(lost_count_, 0);
}

// A pipe that polls writable takes PIPE_BUF bytes without blocking (pipe(7)), so no piece is
// larger.
LineWriter::Sent LineWriter::send(std::string_view text) {
  bool has_begun = false;
  while (!text.empty()) {
    const auto wait = has_begun ? patience_ : std::chrono::milliseconds(0);
    if (wait_for_room(wait) == Room::none) break;
    const ssize_t count =
        ::write(descriptor_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    has_begun = true;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (text.empty()) return Sent::all;
  return has_begun ? Sent::part : Sent::nothing;
}

Room LineWriter::wait_for_room(std::chrono::milliseconds patience) const {
  pollfd entry{descriptor_, POLLOUT, 0};
  int count = 0;
  do {
    count = ::poll(&entry, 1, static_cast<int>(patience.count()));
  } while (count < 0 && errno == EINTR);
  if (count == 0) return Room::none;
  return (entry.revents & POLLOUT) != 0 ? Room::free : Room::broken;
}

}  // namespace spillway::telemetry
