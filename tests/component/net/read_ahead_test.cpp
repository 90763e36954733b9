#include "support/memory_stream.hpp"
#include <spillway/net/read_ahead.hpp>
#include <spillway/net/task_group.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace spillway::net {
namespace {

using support::BytePipe;
using support::MemoryStream;

class ReadAheadTest : public ::testing::Test {
 protected:
  void turn() {
    context.restart();
    context.poll();
  }
  Task<void> wait_for_bytes() {
    co_await ahead.wait();
    has_waited = true;
  }

  asio::io_context context{1};
  MemoryStream stream{context.get_executor(), base::Side::client};
  ReadAhead ahead{stream, context.get_executor()};
  TaskGroup tasks{context.get_executor(), [](const std::string& what) { FAIL() << what; }};
  int gone = 0;
  bool has_waited = false;
};

TEST_F(ReadAheadTest, TellsOnceWhenTheClientGoes) {
  ahead.watch([this] { ++gone; });
  turn();
  EXPECT_EQ(gone, 0);
  stream.input().end();
  turn();
  EXPECT_EQ(gone, 1);
  EXPECT_TRUE(ahead.is_client_gone());
  turn();
  EXPECT_EQ(gone, 1);
}

TEST_F(ReadAheadTest, AResetCountsAsGone) {
  ahead.watch([this] { ++gone; });
  stream.input().end(BytePipe::Ending::reset);
  turn();
  EXPECT_EQ(gone, 1);
}

TEST_F(ReadAheadTest, BytesAreKeptForTheNextRequestAndTheWatchGoesOn) {
  ahead.watch([this] { ++gone; });
  stream.input().push("GET / ");
  turn();
  stream.input().push("HTTP/1.1");
  turn();
  EXPECT_EQ(gone, 0);
  EXPECT_EQ(ahead.take(), "GET / HTTP/1.1");
  stream.input().end();
  turn();
  EXPECT_EQ(gone, 1);
}

TEST_F(ReadAheadTest, PipelinedBytesBeyondTheBoundStayInTheSocket) {
  ahead.watch([this] { ++gone; });
  stream.input().push(std::string(3 * ReadAhead::kMaxBytes, 'x'));
  for (int i = 0; i < 200; ++i)
    turn();
  EXPECT_LE(ahead.take().size(), ReadAhead::kMaxBytes + 4096);
  EXPECT_GT(stream.input().unread_bytes(), ReadAhead::kMaxBytes);
}

TEST_F(ReadAheadTest, IgnoredItReadsNothingAndTellsNobody) {
  ahead.watch([this] { ++gone; });
  turn();
  ahead.ignore();
  stream.input().push("next");
  stream.input().end();
  turn();
  EXPECT_EQ(gone, 0);
  EXPECT_EQ(ahead.take(), "");
  EXPECT_EQ(stream.input().unread_bytes(), 4U);
}

TEST_F(ReadAheadTest, WaitingLeavesTheBytesAndEndsAlsoWhenAWatchWasLeftOutstanding) {
  ahead.watch([this] { ++gone; });
  turn();
  ahead.ignore();
  tasks.spawn(wait_for_bytes());
  turn();
  EXPECT_FALSE(has_waited);
  stream.input().push("next");
  turn();
  EXPECT_TRUE(has_waited);
  EXPECT_EQ(ahead.take(), "");
  EXPECT_EQ(stream.input().unread_bytes(), 4U);
}

TEST_F(ReadAheadTest, WaitingEndsWhenTheStreamIsClosed) {
  tasks.spawn(wait_for_bytes());
  turn();
  stream.close(base::Error(base::Fault::shutting_down, base::Side::gateway, "drain"));
  turn();
  EXPECT_TRUE(has_waited);
  EXPECT_EQ(tasks.size(), 0U);
}

Task<void> throw_something() {
  throw std::runtime_error("a defect");
  co_return;
}

TEST(TaskGroup, AnEscapedExceptionIsCountedAndToldAndTheGroupEmpties) {
  asio::io_context context(1);
  std::string told;
  TaskGroup tasks(context.get_executor(), [&](const std::string& what) { told = what; });
  tasks.spawn(throw_something());
  EXPECT_EQ(tasks.size(), 1U);
  context.run();
  EXPECT_EQ(told, "a defect");
  EXPECT_EQ(tasks.escaped_count(), 1U);
  EXPECT_EQ(tasks.size(), 0U);
}

Task<void> wait_twice(Event& event, int& turns) {
  co_await event.wait();
  ++turns;
  co_await event.wait();
  ++turns;
}

TEST(Event, ANotificationThatComesFirstIsKeptOnce) {
  asio::io_context context(1);
  Event event(context.get_executor());
  TaskGroup tasks(context.get_executor(), [](const std::string& what) { FAIL() << what; });
  int turns = 0;
  event.notify();
  event.notify();
  tasks.spawn(wait_twice(event, turns));
  context.poll();
  EXPECT_EQ(turns, 1);
  event.notify();
  context.restart();
  context.poll();
  EXPECT_EQ(turns, 2);
  EXPECT_EQ(tasks.size(), 0U);
}

}  // namespace
}  // namespace spillway::net
