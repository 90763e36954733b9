// Sockets watched once: what has come is told, an end that came with the last bytes too, and
// whoever waits goes on, on an event loop of ours and on an io_context of Asio's.

#include "support/run_task.hpp"
#include "support/socket_pair.hpp"
#include <spillway/net/event_loop.hpp>
#include <spillway/net/readiness.hpp>
#include <spillway/net/task_group.hpp>
#include <spillway/net/tcp_stream.hpp>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

namespace spillway::net {
namespace {

using namespace std::chrono_literals;
using Pair = test::SocketPair;

Task<void> read_all(TcpStream& stream, std::string& heard) {
  std::array<char, 16> buffer{};
  const auto into = asio::buffer(buffer);
  for (;;) {
    const auto bytes = co_await read_some(stream, into);
    if (!bytes || bytes.value() == 0) break;
    heard.append(buffer.data(), bytes.value());
  }
  heard += '.';
}

class OnAsio : public ::testing::Test {
 protected:
  asio::io_context context{1};
  TaskGroup tasks{context.get_executor(), [](const std::string& what) { FAIL() << what; }};
};

TEST_F(OnAsio, AnEndThatCameWithTheLastBytesIsFound) {
  Pair pair;
  TcpStream stream(context.get_executor(), std::move(pair.ours), base::Side::client);
  std::string heard;
  tasks.spawn(read_all(stream, heard));
  context.poll();
  pair.say("short");
  pair.end();
  context.run_for(10s);
  EXPECT_EQ(heard, "short.");
  EXPECT_TRUE(context.stopped()) << "nobody waits any more, so there is no work left";
}

TEST_F(OnAsio, WhatFillsTheBufferExactlyIsFollowedByTheRest) {
  Pair pair;
  TcpStream stream(context.get_executor(), std::move(pair.ours), base::Side::client);
  std::string heard;
  tasks.spawn(read_all(stream, heard));
  pair.say("sixteen bytes...and some more of it");
  pair.end();
  context.run_for(10s);
  EXPECT_EQ(heard, "sixteen bytes...and some more of it.");
}

TEST_F(OnAsio, ItIsKnownWithoutAskingWhetherAnythingCame) {
  Pair pair;
  TcpStream stream(context.get_executor(), std::move(pair.ours), base::Side::client);
  bool is_told = false;
  stream.on_readable([&] { is_told = true; });
  context.poll();
  EXPECT_FALSE(is_told);
  EXPECT_FALSE(stream.is_readable());
  pair.say("x");
  context.run_for(10s);
  EXPECT_TRUE(is_told);
  EXPECT_TRUE(stream.is_readable());
  std::array<char, 4> buffer{};
  EXPECT_EQ(stream.try_read(asio::buffer(buffer)).bytes, 1U);
  EXPECT_FALSE(stream.is_readable()) << "it gave less than was asked for";
}

TEST_F(OnAsio, ClosingEndsEveryWaitFromTheEventLoop) {
  Pair pair;
  TcpStream stream(context.get_executor(), std::move(pair.ours), base::Side::client);
  std::string heard;
  bool is_told = false;
  tasks.spawn(read_all(stream, heard));
  stream.on_readable([&] { is_told = true; });
  context.poll();
  stream.close(base::Error(base::Fault::timed_out, base::Side::client, "enough"));
  EXPECT_EQ(heard, "");
  EXPECT_FALSE(is_told);
  context.run_for(10s);
  EXPECT_EQ(heard, ".");
  EXPECT_TRUE(is_told);
}

TEST_F(OnAsio, WhoIsNextIsToldThoughOneThrew) {
  Pair first;
  Pair second;
  TcpStream bad(context.get_executor(), std::move(first.ours), base::Side::client);
  TcpStream good(context.get_executor(), std::move(second.ours), base::Side::client);
  int told = 0;
  const auto count_and_throw = [&] {
    ++told;
    throw std::runtime_error("a defect");
  };
  bad.on_readable(count_and_throw);
  good.on_readable(count_and_throw);
  first.say("x");
  second.say("x");
  EXPECT_THROW(context.run_for(10s), std::runtime_error);
  EXPECT_THROW(context.run_for(10s), std::runtime_error);
  EXPECT_EQ(told, 2);
}

// Under AddressSanitizer this leaks if the event loop does not take its coroutines with it.
TEST(EndOfALoop, WhoStillWaitsGoesWithIt) {
  Pair pair;
  std::string heard;
  {
    asio::io_context context(1);
    TaskGroup tasks(context.get_executor(), [](const std::string&) {});
    auto stream = std::make_unique<TcpStream>(context.get_executor(), std::move(pair.ours),
                                              base::Side::client);
    const auto own_it = [](std::unique_ptr<TcpStream> owned, std::string& text) -> Task<void> {
      co_await read_all(*owned, text);
    };
    tasks.spawn(own_it(std::move(stream), heard));
    context.poll();
  }
  EXPECT_EQ(heard, "");
  char byte = 0;
  EXPECT_EQ(::read(pair.peer.number(), &byte, 1), 0) << "the socket is closed";
}

class OnOurs : public ::testing::Test {
 protected:
  void run() {
    loop.run(20ms, [this] { ++turns; });
  }

  EventLoop loop;
  TaskGroup tasks{loop.executor(), [](const std::string& what) { FAIL() << what; }};
  int turns = 0;
};

TEST_F(OnOurs, ItRunsUntilNoTaskIsLeft) {
  Pair pair;
  TcpStream stream(loop.executor(), std::move(pair.ours), base::Side::client);
  std::string heard;
  tasks.spawn(read_all(stream, heard));
  pair.say("one");
  pair.end();
  run();
  EXPECT_EQ(heard, "one.");
  EXPECT_GE(turns, 1);
}

TEST_F(OnOurs, AnotherThreadIsHeardWhileItWaits) {
  Pair pair;
  TcpStream stream(loop.executor(), std::move(pair.ours), base::Side::client);
  std::string heard;
  tasks.spawn(read_all(stream, heard));
  std::thread other([&] {
    loop.post([&] {
      stream.close(base::Error(base::Fault::shutting_down, base::Side::gateway, "over"));
    });
  });
  loop.run(1h, [] {});
  other.join();
  EXPECT_EQ(heard, ".");
}

// One that always has something to read does not keep the others from being told.
TEST_F(OnOurs, WhoHasMuchToReadLetsTheOthersHaveTheirTurn) {
  Pair much;
  Pair little;
  TcpStream busy(loop.executor(), std::move(much.ours), base::Side::client);
  TcpStream other(loop.executor(), std::move(little.ours), base::Side::client);
  bool is_over = false;
  std::string heard;
  // Its peer is as fast as it is: there is always more.
  const auto read_for_ever = [&](TcpStream& stream) -> Task<void> {
    char byte = 0;
    while (!is_over) {
      much.say("x");
      const auto into = asio::buffer(&byte, 1);
      const auto came = co_await read_some(stream, into);
      if (!came) break;
      if (heard.empty()) little.end();
    }
  };
  const auto read_and_end = [&](TcpStream& stream) -> Task<void> {
    co_await read_all(stream, heard);
    is_over = true;
  };
  much.say("x");
  tasks.spawn(read_for_ever(busy));
  tasks.spawn(read_and_end(other));
  run();
  EXPECT_EQ(heard, ".");
}

// What on_turn() begins is run before the next wait, however long the way through the queue.
TEST_F(OnOurs, NothingIsLeftToRunWhileItWaits) {
  Pair pair;
  TcpStream stream(loop.executor(), std::move(pair.ours), base::Side::client);
  Event first(loop.executor());
  Event second(loop.executor());
  const auto pass_on = [](Event& from, Event& to) -> Task<void> {
    co_await from.wait();
    to.notify();
  };
  const auto close_after = [](Event& from, TcpStream& closed) -> Task<void> {
    co_await from.wait();
    closed.close(base::Error(base::Fault::shutting_down, base::Side::gateway, "over"));
  };
  std::string heard;
  tasks.spawn(read_all(stream, heard));
  tasks.spawn(pass_on(first, second));
  tasks.spawn(close_after(second, stream));
  pair.say("x");
  loop.run(1h, [&] { first.notify(); });
  EXPECT_EQ(heard, "x.");
}

}  // namespace
}  // namespace spillway::net
