#pragma once
// A file descriptor that somebody owns: closed when its owner goes. For descriptors that no library
// of ours holds: passed ones, log files, Unix sockets.

#include <utility>

namespace spillway::base {

/// Movable, not copyable; empty after a move.
class Descriptor {
 public:
  Descriptor() = default;
  /// Takes it; a negative number is none.
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  /// Gives it away.
  int release() { return std::exchange(number_, -1); }
  /// Another one for the same file or socket, closed on exec; empty (and errno set) if the system
  /// has none left.
  static Descriptor duplicate_of(int number);

 private:
  int number_ = -1;
};

}  // namespace spillway::base
