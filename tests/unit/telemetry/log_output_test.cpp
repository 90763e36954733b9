#include "pipe.hpp"
#include <spillway/telemetry/log_output.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::telemetry {
namespace {

using namespace std::chrono_literals;
using base::Descriptor;

std::string report(std::uint64_t count) {
  return "lost " + std::to_string(count);
}

// The sum of all reports: how many there are depends on when the thread has its turns.
std::uint64_t reported_in(const std::string& text) {
  constexpr std::string_view kBegin = "lost ";
  std::uint64_t sum = 0;
  for (auto at = text.find(kBegin); at != std::string::npos; at = text.find(kBegin, at + 1))
    sum += std::stoull(text.substr(at + kBegin.size()));
  return sum;
}

TEST(LogOutput, WritesInOrder) {
  test::Pipe pipe;
  LogOutput output(Descriptor::duplicate_of(pipe.writer()), report);
  output.push("one");
  output.push("two");
  ASSERT_TRUE(output.flush(10s));
  EXPECT_EQ(pipe.read_all(), "one\ntwo\n");
  EXPECT_EQ(output.lost_count(), 0U);
}

TEST(LogOutput, ItsEndWritesWhatWaits) {
  test::Pipe pipe;
  {
    LogOutput output(Descriptor::duplicate_of(pipe.writer()), report);
    output.push("last words");
  }
  EXPECT_EQ(pipe.read_all(), "last words\n");
}

TEST(LogOutput, WhatWaitsForAFullPipeGoesWhereItIsRedirectedTo) {
  test::Pipe full;
  ASSERT_EQ(full.shrink(4096), 4096U);
  LogOutput output(Descriptor::duplicate_of(full.writer()), report);
  output.push(std::string(4095, 'x'));
  ASSERT_TRUE(output.flush(10s));
  output.push("waits");
  EXPECT_FALSE(output.flush(1ms));
  test::Pipe other;
  output.redirect(Descriptor::duplicate_of(other.writer()));
  output.push("follows");
  ASSERT_TRUE(output.flush(10s));
  EXPECT_EQ(other.read_all(), "waits\nfollows\n");
  EXPECT_EQ(output.lost_count(), 0U);
}

TEST(LogOutput, AFullQueueCostsLinesNotTime) {
  test::Pipe full;
  ASSERT_EQ(full.shrink(4096), 4096U);
  LogOutput output(Descriptor::duplicate_of(full.writer()), report);
  const std::string line(1000, 'x');
  constexpr std::size_t kLines = 3 * LogOutput::kMaxQueuedBytes / 1000;
  for (std::size_t i = 0; i < kLines; ++i)
    output.push(line);
  const std::uint64_t lost = output.lost_count();
  EXPECT_GT(lost, 0U);
  EXPECT_LT(lost, kLines);
  test::Pipe other;
  std::string text;
  output.redirect(Descriptor::duplicate_of(other.writer()));
  while (!output.flush(1ms))
    text += other.read_all();
  text += other.read_all();
  EXPECT_EQ(reported_in(full.read_all()) + reported_in(text), lost);
}

TEST(LogOutput, AReaderThatLeftCostsEveryLine) {
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  ASSERT_EQ(::sigaction(SIGPIPE, &ignore, &before), 0);
  test::Pipe pipe;
  pipe.close_reader();
  LogOutput output(Descriptor::duplicate_of(pipe.writer()), report);
  for (int i = 0; i < 3; ++i)
    output.push("nobody reads this");
  ASSERT_TRUE(output.flush(10s));
  EXPECT_EQ(output.lost_count(), 3U);
  ::sigaction(SIGPIPE, &before, nullptr);
}

}  // namespace
}  // namespace spillway::telemetry
