#include <spillway/http/block_cache.hpp>

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace spillway::http {
namespace {

TEST(BlockCache, RoundsUpToItsSizes) {
  const std::vector<std::pair<std::size_t, std::size_t>> cases{
      {1, 2048},
      {2048, 2048},
      {2049, 4096},
      {4097, 16384},
      {16384, 16384},
      {16385, 65536},
      {65536, 65536},
      {65537, 131072},
      {131073, 524288},
      {524288, 524288},
      {524289, 2U << 20U},
      {3U << 20U, 16U << 20U},
      {16777217, 16777217},
  };
  for (const auto& [wanted, size] : cases) {
    const Block block = take_block(wanted);
    EXPECT_EQ(block.size, size) << wanted;
    EXPECT_NE(block.memory, nullptr);
  }
}

TEST(BlockCache, WhatIsGivenBackIsTakenNext) {
  Block block = take_block(16384);
  const char* const memory = block.memory.get();
  give_back(std::move(block));
  Block other_size = take_block(4096);
  EXPECT_NE(other_size.memory.get(), memory);
  const Block again = take_block(10000);
  EXPECT_EQ(again.memory.get(), memory);
  EXPECT_EQ(again.size, 16384U);
}

TEST(BlockCache, KeepsABoundedNumber) {
  constexpr std::size_t many = 100;
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < many; ++i)
    blocks.push_back(take_block(16384));
  std::set<const char*> given;
  for (Block& block : blocks) {
    given.insert(block.memory.get());
    // Its end is written to, so that a block that was kept and freed shows with a sanitizer.
    block.memory[block.size - 1] = 'x';
    give_back(std::move(block));
  }
  // The last one that is kept is the sixty-fourth.
  std::vector<Block> taken;
  for (std::size_t i = 0; i < 64; ++i)
    taken.push_back(take_block(16384));
  for (const Block& block : taken)
    EXPECT_EQ(given.count(block.memory.get()), 1U);
}

TEST(BlockCache, WhatWasNotWantedIsFreed) {
  const auto use = [](std::size_t count) {
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < count; ++i)
      blocks.push_back(take_block(524288));
    for (Block& block : blocks)
      give_back(std::move(block));
  };
  trim_blocks();
  trim_blocks();
  EXPECT_EQ(kept_bytes(), 0U);
  use(5);
  trim_blocks();
  EXPECT_EQ(kept_bytes(), 5U * 524288U) << "all were wanted";
  use(2);
  trim_blocks();
  EXPECT_EQ(kept_bytes(), 2U * 524288U);
  Block hot = take_block(524288);
  const char* const memory = hot.memory.get();
  give_back(std::move(hot));
  trim_blocks();
  EXPECT_EQ(kept_bytes(), 524288U);
  EXPECT_EQ(take_block(524288).memory.get(), memory) << "the one that was used is kept";
}

TEST(BlockCache, NothingAndOddSizesAreNotKept) {
  give_back({});
  give_back(take_block(17'000'000));
  EXPECT_EQ(take_block(65536).size, 65536U);
}

TEST(BlockCache, AnotherThreadMayKeepIt) {
  const char* given = nullptr;
  const char* taken = nullptr;
  Block from_here = take_block(2048);
  std::thread other([&] {
    given = from_here.memory.get();
    give_back(std::move(from_here));
    taken = take_block(2048).memory.get();
  });
  other.join();
  EXPECT_EQ(given, taken);
}

}  // namespace
}  // namespace spillway::http
