#include <spillway/http/block_cache.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace spillway::http {
namespace {

struct SizeClass {
  std::size_t size;
  std::size_t most_kept;
};

constexpr std::array<SizeClass, 8> kClasses{{
    {2U << 10U, 64},
    {4U << 10U, 32},
    {16U << 10U, 64},
    {64U << 10U, 64},
    {128U << 10U, 16},
    {512U << 10U, 32},
    {2U << 20U, 8},
    {16U << 20U, 4},  // of which no more is touched than was needed
}};
constexpr std::size_t kMostKept = 64;

struct Shelf {
  std::array<std::unique_ptr<char[]>, kMostKept> blocks;
  std::size_t count = 0;
  std::size_t least = 0;  // of `count`, since trim_blocks()
};

using Shelves = std::array<Shelf, kClasses.size()>;

Shelves& shelves() {
  static thread_local Shelves of_this_thread;
  return of_this_thread;
}

// kClasses.size(): none is large enough.
std::size_t class_for(std::size_t size) {
  std::size_t index = 0;
  while (index < kClasses.size() && kClasses[index].size < size)
    ++index;
  return index;
}

}  // namespace

Block take_block(std::size_t at_least) {
  const std::size_t index = class_for(at_least);
  if (index == kClasses.size()) {
    return {std::make_unique_for_overwrite<char[]>(at_least), at_least};
  }
  const std::size_t size = kClasses[index].size;
  Shelf& shelf = shelves()[index];
  if (shelf.count == 0) return {std::make_unique_for_overwrite<char[]>(size), size};
  --shelf.count;
  shelf.least = std::min(shelf.least, shelf.count);
  return {std::move(shelf.blocks[shelf.count]), size};
}

void give_back(Block block) {
  const std::size_t index = class_for(block.size);
  const bool is_ours = block.memory && index < kClasses.size();
  if (!is_ours) return;
  Shelf& shelf = shelves()[index];
  if (shelf.count == kClasses[index].most_kept) return;
  shelf.blocks[shelf.count] = std::move(block.memory);
  ++shelf.count;
}

void trim_blocks() {
  for (Shelf& shelf : shelves()) {
    // The last given back is the first taken: unused ones are at the bottom.
    const auto first = shelf.blocks.begin();
    const auto unused = static_cast<std::ptrdiff_t>(shelf.least);
    const auto end = first + static_cast<std::ptrdiff_t>(shelf.count);
    std::rotate(first, first + unused, end);
    std::for_each(end - unused, end, [](auto& block) { block.reset(); });
    shelf.count -= shelf.least;
    shelf.least = shelf.count;
  }
}

std::size_t kept_bytes() {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < kClasses.size(); ++i)
    bytes += shelves()[i].count * kClasses[i].size;
  return bytes;
}

}  // namespace spillway::http
