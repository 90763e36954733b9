#include <spillway/daemon/descriptors.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <sys/resource.h>

namespace spillway::daemon {
namespace {

// How many descriptors the system has made room for.
std::uint64_t room_for_descriptors() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t count = 0;
    if (word == "FDSize:" && status >> count) return count;
  }
  return 0;
}

TEST(Descriptors, HalfOfWhatIsLeftIsForCallers) {
  EXPECT_EQ(connections_that_fit(1024), 480U);
  EXPECT_EQ(connections_that_fit(64), 16U) << "few, but some";
  EXPECT_EQ(connections_that_fit(3), 16U);
  EXPECT_EQ(connections_that_fit(0), std::numeric_limits<std::uint64_t>::max()) << "not known";
}

TEST(Descriptors, TheWarningNamesBothNumbersAndTheWayOut) {
  EXPECT_FALSE(descriptor_warning(2 * 8192 + 64, 8192));
  EXPECT_FALSE(descriptor_warning(0, 8192));
  const auto warning = descriptor_warning(1024, 8192);
  ASSERT_TRUE(warning);
  for (const char* part : {"1024", "8192", "16448", "480", "LimitNOFILE", "limits.max_connections"})
    EXPECT_NE(warning->find(part), std::string::npos) << *warning;
}

TEST(Descriptors, TheSoftLimitIsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit lower = before;
  lower.rlim_cur = before.rlim_max < 256 ? before.rlim_max : 256;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lower), 0);
  EXPECT_EQ(descriptor_limit(), lower.rlim_cur);
  EXPECT_EQ(raise_descriptor_limit(), before.rlim_max);
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(Descriptors, RoomIsMadeBeforeItIsNeeded) {
  raise_descriptor_limit();
  if (descriptor_limit() < 2 * 2000 + 64) GTEST_SKIP() << "too few files may be open here";
  reserve_descriptors(2000);
  EXPECT_GE(room_for_descriptors(), 2 * 2000 + 64U);
}

TEST(Descriptors, RoomIsMadeWithinTheLimitOnly) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit lower = before;
  lower.rlim_cur = 0;
  const std::uint64_t room = room_for_descriptors();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lower), 0);
  reserve_descriptors(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(room_for_descriptors(), room);
}

}  // namespace
}  // namespace spillway::daemon
