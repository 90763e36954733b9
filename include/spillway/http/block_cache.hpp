#pragma once
// Memory for bytes that are passing through. Every message needs a block for a moment: each thread
// keeps some, so that the same warm few go round. (Large ones would go back to the system each
// time, and come again page by page.) At most 104 MiB a thread, and what was not wanted for a while
// is freed.

#include <cstddef>
#include <memory>

namespace spillway::http {

struct Block {
  std::unique_ptr<char[]> memory;
  std::size_t size = 0;
};

/// Not zeroed. Rounded up to 2, 4, 16, 64, 128 or 512 KiB, 2 or 16 MiB; exactly `at_least` above.
Block take_block(std::size_t at_least);
/// Kept for the next take_block() of this thread, or freed. Any thread may have taken it.
void give_back(Block block);
/// Frees those that this thread keeps and has not taken since the last call.
void trim_blocks();
/// What this thread keeps.
std::size_t kept_bytes();

}  // namespace spillway::http
