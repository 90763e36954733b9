#include <spillway/http/input_buffer.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace spillway::http {
namespace {

void append(InputBuffer& buffer, std::string_view bytes, std::size_t room) {
  const std::span<char> free = buffer.room(room);
  std::copy(bytes.begin(), bytes.end(), free.begin());
  buffer.commit(bytes.size());
}

TEST(InputBuffer, FittedItKeepsWhatIsHeldAndLittleMore) {
  InputBuffer buffer;
  append(buffer, "consumed, then held", 16U << 10U);
  buffer.consume(10);
  buffer.fit();
  EXPECT_EQ(buffer.view(), "then held");
  EXPECT_EQ(buffer.capacity(), 2U << 10U);
  append(buffer, ", and more", 10);
  EXPECT_EQ(buffer.view(), "then held, and more");
}

TEST(InputBuffer, FittedItStaysWhereItIsWellFilled) {
  InputBuffer buffer;
  append(buffer, std::string(5'000, 'x'), 16U << 10U);
  const char* const memory = buffer.view().data();
  buffer.fit();
  EXPECT_EQ(buffer.view().data(), memory);
}

TEST(InputBuffer, FittedWithNothingHeldItHasNoMemory) {
  InputBuffer buffer;
  buffer.fit();
  append(buffer, "x", 16U << 10U);
  buffer.consume(1);
  buffer.fit();
  EXPECT_EQ(buffer.capacity(), 0U);
}

// The larger block goes round, and a caller's key was in it.
TEST(InputBuffer, FittedItLeavesNothingBehind) {
  InputBuffer buffer;
  append(buffer, "api-key: secret", 16U << 10U);
  const char* const left = buffer.view().data();
  buffer.fit();
  const Block block = take_block(16U << 10U);
  ASSERT_EQ(block.memory.get(), left) << "the one given back last is taken first";
  EXPECT_EQ(std::string_view(left, 15), std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15));
}

}  // namespace
}  // namespace spillway::http
