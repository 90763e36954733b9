#include <spillway/base/free_memory.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <fstream>
#include <memory>
#include <unistd.h>
#include <vector>

namespace spillway::base {
namespace {

using Blocks = std::vector<std::unique_ptr<char[]>>;

std::size_t resident_bytes() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

Blocks blocks_of(std::size_t size, std::size_t count) {
  Blocks blocks;
  for (std::size_t i = 0; i < count; ++i) {
    blocks.push_back(std::make_unique<char[]>(size));
    std::memset(blocks.back().get(), 1, size);
  }
  return blocks;
}

// As after a crowd of connections has gone, of which a few stay: that these few lie among the
// others keeps whole segments of the allocator in use.
TEST(FreeMemory, GoesBackToTheSystemWhereMemoryIsShort) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's allocator keeps what is freed, to see its misuse";
#endif
  const std::size_t before = resident_bytes();
  Blocks blocks = blocks_of(2000, 50'000);
  const std::size_t full = resident_bytes();
  ASSERT_GT(full, before + 90'000'000);
  keep_free_memory(false);
  for (std::size_t i = 0; i < blocks.size(); ++i)
    if (i % 5000 != 0) blocks[i].reset();
  give_free_memory_back();
  const std::size_t after = resident_bytes();
  keep_free_memory(true);
  EXPECT_LT(after, before + (full - before) / 4);
}

}  // namespace
}  // namespace spillway::base
