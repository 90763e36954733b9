#include <spillway/daemon/memory_usage.hpp>

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace spillway::daemon {
namespace {

constexpr std::uint64_t kMiB = 1ULL << 20U;

ReadFile files(std::map<std::string, std::string> texts) {
  return [texts = std::move(texts)](const std::string& file) -> std::optional<std::string> {
    const auto found = texts.find(file);
    if (found == texts.end()) return std::nullopt;
    return found->second;
  };
}

TEST(MemoryUsage, ResidentMemoryIsThatOfThisProcess) {
  const auto bytes = resident_memory(system_files());
  ASSERT_TRUE(bytes);
  EXPECT_GT(*bytes, kMiB);
  EXPECT_EQ(resident_memory(files({{"/proc/self/statm", "garbage"}})), std::nullopt);
  EXPECT_EQ(resident_memory(files({})), std::nullopt);
}

TEST(MemoryUsage, TheLeastLimitOfTheGroupAndThoseAboveItCounts) {
  EXPECT_EQ(memory_limit_of_group(files({
                {"/proc/self/cgroup", "0::/pods/this\n"},
                {"/sys/fs/cgroup/pods/this/memory.max", "max\n"},
                {"/sys/fs/cgroup/pods/memory.max", "536870912\n"},
                {"/sys/fs/cgroup/memory.max", "1073741824\n"},
            })),
            512 * kMiB);
}

TEST(MemoryUsage, InAContainerTheRootIsTheGroup) {
  EXPECT_EQ(memory_limit_of_group(files(
                {{"/proc/self/cgroup", "0::/\n"}, {"/sys/fs/cgroup/memory.max", "268435456\n"}})),
            256 * kMiB);
  EXPECT_EQ(memory_limit_of_group(files({{"/proc/self/cgroup", "0::/of/the/host\n"},
                                         {"/sys/fs/cgroup/memory.max", "268435456\n"}})),
            256 * kMiB);
}

TEST(MemoryUsage, VersionOneIsRead) {
  const std::string groups = "5:cpu,cpuacct:/a\n4:memory:/docker/abc\n1:name=systemd:/a\n";
  EXPECT_EQ(memory_limit_of_group(
                files({{"/proc/self/cgroup", groups},
                       {"/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "134217728\n"},
                       {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"}})),
            128 * kMiB);
}

TEST(MemoryUsage, NoLimitIsNone) {
  EXPECT_EQ(memory_limit_of_group(files({})), std::nullopt);
  EXPECT_EQ(memory_limit_of_group(files({{"/proc/self/cgroup", "0::/\n"}})), std::nullopt);
  EXPECT_EQ(memory_limit_of_group(files({{"/proc/self/cgroup", "no colons here\n::\n\n"}})),
            std::nullopt);
  const std::string unlimited = "9223372036854771712\n";
  EXPECT_EQ(
      memory_limit_of_group(files({{"/proc/self/cgroup", "4:memory:/\n"},
                                   {"/sys/fs/cgroup/memory/memory.limit_in_bytes", unlimited}})),
      std::nullopt);
}

TEST(MemoryUsage, TheCeilingIsWhatIsWrittenElseMostOfTheGroups) {
  EXPECT_EQ(memory_ceiling(100 * kMiB, 10 * kMiB), 100 * kMiB);
  EXPECT_EQ(memory_ceiling(0, 10 * kMiB), 0U) << "switched off";
  EXPECT_EQ(memory_ceiling(std::nullopt, 1'000), 800U);
  EXPECT_EQ(memory_ceiling(std::nullopt, std::nullopt), 0U);
}

}  // namespace
}  // namespace spillway::daemon
