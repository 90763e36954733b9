#pragma once
// The bytes a reader has received and not yet handed out: one block of memory that grows, is
// consumed from the front and can be given back. Freshly grown room is not zeroed.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace spillway::http {

class InputBuffer {
 public:
  [[nodiscard]] std::string_view view() const { return {memory_.get() + begin_, size()}; }
  [[nodiscard]] std::span<char> bytes() { return {memory_.get() + begin_, size()}; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  /// Free room behind the bytes, at least `wanted`; moves or reallocates if it must, which ends the
  /// validity of views.
  std::span<char> room(std::size_t wanted) {
    if (empty()) begin_ = end_ = 0;
    if (capacity_ - end_ < wanted) make_room(wanted);
    return {memory_.get() + end_, capacity_ - end_};
  }

  /// The first bytes of the room were filled.
  void commit(std::size_t bytes) { end_ += bytes; }

  /// Takes bytes off the front; they stay readable until room() is called.
  void consume(std::size_t bytes) { begin_ += bytes; }

  /// Gives the memory back if nothing is held.
  void release() {
    if (!empty()) return;
    memory_.reset();
    capacity_ = begin_ = end_ = 0;
  }

 private:
  void make_room(std::size_t wanted) {
    const std::size_t held = size();
    if (capacity_ - held >= wanted) {
      std::memmove(memory_.get(), memory_.get() + begin_, held);
    } else {
      const std::size_t larger = std::max(held + wanted, held == 0 ? 0 : 2 * capacity_);
      auto memory = std::make_unique_for_overwrite<char[]>(larger);
      if (held > 0) std::memcpy(memory.get(), memory_.get() + begin_, held);
      memory_ = std::move(memory);
      capacity_ = larger;
    }
    begin_ = 0;
    end_ = held;
  }

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace spillway::http
