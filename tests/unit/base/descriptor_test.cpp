#include <spillway/base/descriptor.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <fcntl.h>
#include <utility>

namespace spillway::base {
namespace {

bool is_open(int number) {
  return ::fcntl(number, F_GETFD) >= 0 || errno != EBADF;
}

Descriptor open_null() {
  return Descriptor(::open("/dev/null", O_RDWR | O_CLOEXEC));
}

TEST(Descriptor, ClosesWhatItOwns) {
  int number = -1;
  {
    const Descriptor descriptor = open_null();
    number = descriptor.number();
    ASSERT_TRUE(descriptor.is_open());
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
  EXPECT_FALSE(Descriptor().is_open());
  EXPECT_FALSE(Descriptor(-1).is_open());
}

TEST(Descriptor, MovesGiveItAwayAndCloseWhatWasThere) {
  Descriptor one = open_null();
  Descriptor other = open_null();
  const int first = one.number();
  const int second = other.number();
  other = std::move(one);
  EXPECT_EQ(other.number(), first);
  EXPECT_FALSE(is_open(second));
  const int released = other.release();
  EXPECT_FALSE(other.is_open());
  EXPECT_TRUE(is_open(released));
  other = Descriptor(released);
}

TEST(Descriptor, ADuplicateIsItsOwnAndClosedOnExec) {
  Descriptor one = open_null();
  const Descriptor copy = Descriptor::duplicate_of(one.number());
  ASSERT_TRUE(copy.is_open());
  EXPECT_NE(copy.number(), one.number());
  EXPECT_EQ(::fcntl(copy.number(), F_GETFD), FD_CLOEXEC);
  one = Descriptor();
  EXPECT_TRUE(is_open(copy.number()));
  EXPECT_FALSE(Descriptor::duplicate_of(-1).is_open());
}

}  // namespace
}  // namespace spillway::base
