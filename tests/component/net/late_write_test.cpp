// Writes of one turn of the event loop go out together, when everyone on the same side was told.

#include "support/socket_pair.hpp"
#include <spillway/net/readiness.hpp>
#include <spillway/net/task_group.hpp>
#include <spillway/net/tcp_stream.hpp>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace spillway::net {
namespace {

using namespace std::chrono_literals;
using test::SocketPair;

class LateWrite : public ::testing::Test {
 protected:
  /// Answers what comes, and says so: "r" when it was read, "w" when the answer was written, "f"
  /// where that failed.
  Task<void> answer(std::unique_ptr<Stream> stream) {
    char byte = 0;
    const auto into = asio::buffer(&byte, 1);
    const auto came = co_await read_some(*stream, into);
    if (!came) co_return;
    if (order.empty()) began = std::chrono::steady_clock::now();
    order += 'r';
    if (on_read) on_read();
    const std::string text = "answer";
    const auto written = co_await write_all(*stream, asio::buffer(text));
    order += written ? 'w' : 'f';
  }
  TcpStream& answer_on(SocketPair& pair, base::Side side = base::Side::client) {
    auto stream = std::make_unique<TcpStream>(context->get_executor(), std::move(pair.ours), side);
    TcpStream& known = *stream;
    tasks->spawn(answer(std::move(stream)));
    return known;
  }
  void begin() {
    tasks = std::make_unique<TaskGroup>(context->get_executor(),
                                        [](const std::string& what) { FAIL() << what; });
    for (std::size_t i = 0; i < pairs.size(); ++i)
      streams.push_back(&answer_on(pairs[i], sides[i]));
    context->poll();
    say_all();
  }
  virtual void say_all() {
    for (const SocketPair& pair : pairs)
      pair.say("?");
  }

  /// Whether this process was off the processor for longer than a write waits: no order is promised
  /// then.
  [[nodiscard]] bool was_away() const { return std::chrono::steady_clock::now() - began > 1ms; }

  std::array<SocketPair, 3> pairs;
  std::array<base::Side, 3> sides{base::Side::client, base::Side::client, base::Side::client};
  std::vector<TcpStream*> streams;
  std::string order;
  std::function<void()> on_read;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::time_point::max();
  std::unique_ptr<asio::io_context> context = std::make_unique<asio::io_context>(1);
  std::unique_ptr<TaskGroup> tasks;
};

TEST_F(LateWrite, AllAreToldFirst) {
  begin();
  context->run_for(10s);
  EXPECT_TRUE(order == "rrrwww" || was_away()) << order;
  for (const SocketPair& pair : pairs)
    EXPECT_EQ(pair.heard(), "answer");
}

TEST_F(LateWrite, WhatCameOfAnswersGoesOutBeforeARequestIsTold) {
  sides = {base::Side::client, base::Side::upstream, base::Side::upstream};
  begin();
  context->run_for(10s);
  EXPECT_TRUE(order == "rrwwrw" || was_away()) << order;
}

TEST_F(LateWrite, WhoIsClosedMeanwhileWritesNothing) {
  begin();
  on_read = [this] {
    if (order == "rr") {
      streams[0]->close(base::Error(base::Fault::timed_out, base::Side::client, "enough"));
    }
  };
  context->run_for(10s);
  if (was_away()) GTEST_SKIP() << "it may have written before it was closed: " << order;
  EXPECT_EQ(order, "rrrwfw");
  EXPECT_EQ(pairs[0].heard(), "");
  EXPECT_EQ(pairs[1].heard(), "answer");
}

TEST_F(LateWrite, NobodyWaitsBehindLongWork) {
  on_read = [] {
    const auto until = std::chrono::steady_clock::now() + 5ms;
    while (std::chrono::steady_clock::now() < until) {
    }
  };
  begin();
  context->run_for(10s);
  EXPECT_TRUE(order == "rrwwrw" || order == "rwrwrw") << order;
}

/// Finds no memory when it is to write.
class WithoutMemory final : public Stream {
 public:
  WithoutMemory(const Executor& executor, SocketPair& pair)
      : socket_(std::move(pair.ours)), readiness_(executor, socket_.number(), base::Side::client) {}

  TryResult try_read(asio::mutable_buffer buffer) override {
    const ssize_t count = ::read(socket_.number(), buffer.data(), buffer.size());
    return {Try::done, static_cast<std::size_t>(count)};
  }
  TryResult try_write(std::span<const asio::const_buffer> /*pieces*/) override {
    throw std::bad_alloc();
  }
  [[nodiscard]] bool should_write_later() const override { return readiness_.has_turn_more(); }
  void on_readable(Continuation callback) override { readiness_.on_readable(std::move(callback)); }
  bool take_back_readable() override { return readiness_.take_back_readable(); }
  [[nodiscard]] bool is_readable() const override { return readiness_.is_readable(); }
  void shutdown_write() override {}

 private:
  void close_now() override { readiness_.close(); }
  void begin_wait_readable(Continuation go_on) override {
    readiness_.begin_wait_readable(std::move(go_on));
  }
  void begin_wait_writable(Continuation go_on) override {
    readiness_.begin_wait_writable(std::move(go_on));
  }
  void begin_write_later(const Pieces& pieces, TryResult& result, Continuation go_on) override {
    readiness_.begin_write_later(*this, pieces, result, std::move(go_on));
  }

  base::Descriptor socket_;
  Readiness readiness_;
};

TEST_F(LateWrite, NothingIsWrittenTwiceThoughOneThrew) {
  SocketPair poor;
  tasks = std::make_unique<TaskGroup>(context->get_executor(),
                                      [](const std::string& what) { FAIL() << what; });
  answer_on(pairs[0]);
  tasks->spawn(answer(std::make_unique<WithoutMemory>(context->get_executor(), poor)));
  answer_on(pairs[1]);
  answer_on(pairs[2]);
  context->poll();
  for (const SocketPair* pair : {&pairs[0], &poor, &pairs[1], &pairs[2]})
    pair->say("?");
  EXPECT_THROW(context->run_for(10s), std::bad_alloc);
  context->run_for(10s);
  if (was_away()) GTEST_SKIP() << "they may not have waited for each other: " << order;
  EXPECT_EQ(order, "rrrrwwff") << "the last writes at once, who was not tried fails";
  EXPECT_EQ(pairs[0].heard(), "answer");
  EXPECT_EQ(pairs[1].heard(), "");
  EXPECT_EQ(pairs[2].heard(), "answer");
}

class LateWriteAndADefect : public LateWrite {
 protected:
  /// One that is told behind the first throws.
  void begin_and_fail() {
    bad = std::make_unique<TcpStream>(context->get_executor(), std::move(between.ours),
                                      base::Side::client);
    bad->on_readable([] { throw std::runtime_error("a defect"); });
    begin();
    EXPECT_THROW(context->run_for(10s), std::runtime_error);
    EXPECT_EQ(order, "r");
  }
  void say_all() override {
    pairs[0].say("?");
    between.say("?");
    pairs[1].say("?");
    pairs[2].say("?");
  }

  SocketPair between;
  std::unique_ptr<TcpStream> bad;
};

TEST_F(LateWriteAndADefect, TheOthersWriteAllTheSame) {
  begin_and_fail();
  context->run_for(10s);
  EXPECT_TRUE(order == "rrrwww" || was_away()) << order;
  for (const SocketPair& pair : pairs)
    EXPECT_EQ(pair.heard(), "answer");
}

// Under AddressSanitizer this leaks if the event loop does not take its coroutines with it.
TEST_F(LateWriteAndADefect, WhoStillWaitsGoesWithTheLoop) {
  begin_and_fail();
  bad.reset();
  tasks.reset();
  context.reset();
  EXPECT_EQ(pairs[0].heard(), "");
}

}  // namespace
}  // namespace spillway::net
