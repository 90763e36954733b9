#include "pipe.hpp"
#include <spillway/telemetry/line_writer.hpp>

#include <gtest/gtest.h>

#include <csignal>

namespace spillway::telemetry {
namespace {

using namespace std::chrono_literals;

TEST(LineWriter, WritesLines) {
  test::Pipe pipe;
  LineWriter writer(pipe.writer(), 0ms);
  EXPECT_TRUE(writer.write("one"));
  EXPECT_TRUE(writer.write(""));
  EXPECT_TRUE(writer.write(std::string(10'000, 'x')));
  EXPECT_EQ(pipe.read_all(), "one\n\n" + std::string(10'000, 'x') + "\n");
  EXPECT_EQ(writer.take_lost_count(), 0U);
}

TEST(LineWriter, AFullPipeCostsLinesNotTime) {
  test::Pipe pipe;
  ASSERT_EQ(pipe.shrink(4096), 4096U);
  LineWriter writer(pipe.writer(), 0ms);
  const std::string line(4095, 'x');
  EXPECT_TRUE(writer.write(line));
  EXPECT_FALSE(writer.write("lost"));
  EXPECT_FALSE(writer.write("lost"));
  EXPECT_EQ(writer.take_lost_count(), 2U);
  EXPECT_EQ(writer.take_lost_count(), 0U);
  EXPECT_EQ(pipe.read_all(), line + "\n");
  EXPECT_TRUE(writer.write("again"));
  EXPECT_EQ(pipe.read_all(), "again\n");
}

TEST(LineWriter, ALineBrokenInTheMiddleIsEndedBeforeTheNext) {
  test::Pipe pipe;
  ASSERT_EQ(pipe.shrink(4096), 4096U);
  LineWriter writer(pipe.writer(), 0ms);
  EXPECT_FALSE(writer.write(std::string(5000, 'x')));
  EXPECT_EQ(pipe.read_all(), std::string(4096, 'x'));
  EXPECT_TRUE(writer.write("next"));
  EXPECT_EQ(pipe.read_all(), "\nnext\n");
  EXPECT_TRUE(writer.write("more"));
  EXPECT_EQ(pipe.read_all(), "more\n");
}

TEST(LineWriter, AReaderThatLeftIsNoError) {
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  ASSERT_EQ(::sigaction(SIGPIPE, &ignore, &before), 0);
  test::Pipe pipe;
  pipe.close_reader();
  LineWriter writer(pipe.writer(), 0ms);
  EXPECT_FALSE(writer.write("x"));
  EXPECT_EQ(writer.take_lost_count(), 1U);
  ::sigaction(SIGPIPE, &before, nullptr);
}

}  // namespace
}  // namespace spillway::telemetry
