#include "simulator/resource_table.hpp"

#include <gtest/gtest.h>

namespace spillway::simulator {
namespace {

TEST(ResourceTable, TakesPathsApart) {
  const auto steps = read_resource_path("/threads/t/runs/r/steps");
  EXPECT_EQ(steps.key, "threads/t/runs/r/steps");
  EXPECT_EQ(steps.parent, "threads/t/runs/r");
  EXPECT_EQ(steps.id, "");
  const auto cancel = read_resource_path("/threads/t/runs/r/cancel");
  EXPECT_EQ(cancel.key, "threads/t/runs");
  EXPECT_EQ(cancel.id, "r");
  EXPECT_EQ(cancel.action, "cancel");
  const auto content = read_resource_path("/files/f/content");
  EXPECT_EQ(content.key, "files");
  EXPECT_EQ(content.action, "content");
  const auto job = read_resource_path("/fine_tuning/jobs/j");
  EXPECT_EQ(job.key, "fine_tuning/jobs");
  EXPECT_EQ(job.parent, "");
  EXPECT_EQ(job.id, "j");
}

TEST(ResourceTable, LeavesOtherPathsAlone) {
  for (const auto* path : {"", "/", "/nothing", "/fine_tuning", "/files/f/content/more"})
    EXPECT_EQ(read_resource_path(path).collection, nullptr) << path;
}

}  // namespace
}  // namespace spillway::simulator
