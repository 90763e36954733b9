#pragma once
// The bytes a reader has received and not yet handed out: one block of memory that grows, is
// consumed from the front and can be given back. Freshly grown room is not zeroed.

#include <spillway/http/block_cache.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace spillway::http {

class InputBuffer {
 public:
  InputBuffer() = default;
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;
  ~InputBuffer() { give_back(std::move(block_)); }

  [[nodiscard]] std::string_view view() const { return {block_.memory.get() + begin_, size()}; }
  [[nodiscard]] std::span<char> bytes() const { return {block_.memory.get() + begin_, size()}; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] std::size_t capacity() const { return block_.size; }

  /// Free room behind the bytes, at least `wanted`; moves or reallocates if it must, which ends the
  /// validity of views.
  std::span<char> room(std::size_t wanted) {
    if (empty()) begin_ = end_ = 0;
    if (block_.size - end_ < wanted) make_room(wanted);
    return {block_.memory.get() + end_, block_.size - end_};
  }

  /// The first bytes of the room were filled.
  void commit(std::size_t bytes) { end_ += bytes; }

  /// Takes bytes off the front; they stay readable until room() is called.
  void consume(std::size_t bytes) { begin_ += bytes; }

  /// Keeps no more memory than what is held needs, for it may be held for long. Ends the validity
  /// of views.
  void fit() {
    const std::size_t held = size();
    if (held == 0) return release();
    if (held > block_.size / 4) return;
    Block smaller = take_block(held);
    char* const from = block_.memory.get() + begin_;
    std::memcpy(smaller.memory.get(), from, held);
    explicit_bzero(from, held);  // a caller's key may be in it
    give_back(std::exchange(block_, std::move(smaller)));
    begin_ = 0;
    end_ = held;
  }

  /// Gives the memory back if nothing is held.
  void release() {
    if (!empty()) return;
    give_back(std::exchange(block_, {}));
    begin_ = end_ = 0;
  }

 private:
  void make_room(std::size_t wanted) {
    const std::size_t held = size();
    if (block_.size - held >= wanted) {
      std::memmove(block_.memory.get(), block_.memory.get() + begin_, held);
    } else {
      const std::size_t larger = std::max(held + wanted, held == 0 ? 0 : 2 * block_.size);
      Block block = take_block(larger);
      if (held > 0) std::memcpy(block.memory.get(), block_.memory.get() + begin_, held);
      give_back(std::exchange(block_, std::move(block)));
    }
    begin_ = 0;
    end_ = held;
  }

  Block block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace spillway::http
