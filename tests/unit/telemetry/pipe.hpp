#pragma once
// A pipe whose reading end a test looks into.

#include <array>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace spillway::test {

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_reader();
    ::close(ends_[1]);
  }

  [[nodiscard]] int writer() const { return ends_[1]; }

  void close_reader() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }

  /// Everything written so far.
  std::string read_all() {
    std::string text;
    std::array<char, 4096> buffer{};
    ssize_t count = 0;
    while ((count = ::read(ends_[0], buffer.data(), buffer.size())) > 0)
      text.append(buffer.data(), static_cast<std::size_t>(count));
    return text;
  }

  /// Gives room for so many bytes, at least a page, and says how many it became. The system calls a
  /// pipe writable while a whole page of it is unused.
  std::size_t shrink(int bytes) {
    return static_cast<std::size_t>(::fcntl(ends_[1], F_SETPIPE_SZ, bytes));
  }

 private:
  std::array<int, 2> ends_{};
};

}  // namespace spillway::test
