#include "support/memory_stream.hpp"
#include <spillway/upstream/connection_pool.hpp>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace spillway::upstream {
namespace {

using namespace std::chrono_literals;
using support::MemoryStream;

const base::SteadyTime kStart = base::SteadyTime(std::chrono::hours(100));

class ConnectionPoolTest : public ::testing::Test {
 protected:
  std::pair<std::unique_ptr<Connection>, MemoryStream*> connect(base::SteadyTime now = kStart) {
    auto stream = std::make_unique<MemoryStream>(context.get_executor(), base::Side::upstream);
    MemoryStream* end = stream.get();
    return {std::make_unique<Connection>(target, std::move(stream), now), end};
  }
  MemoryStream* put_new(base::SteadyTime now = kStart) {
    auto [connection, stream] = connect(now);
    pool.put(std::move(connection), now);
    return stream;
  }

  net::asio::io_context context{1};
  std::shared_ptr<const Target> target = std::make_shared<Target>();
  ConnectionPool pool;
};

TEST_F(ConnectionPoolTest, TheLastOnePutBackIsTheFirstTaken) {
  put_new();
  MemoryStream* last = put_new();
  EXPECT_EQ(&pool.take(target, kStart)->stream(), last);
  EXPECT_EQ(pool.idle_count(), 1U);
}

TEST_F(ConnectionPoolTest, AnotherTargetsConnectionIsNeverGiven) {
  put_new();
  const auto other = std::make_shared<Target>();
  EXPECT_EQ(pool.take(other, kStart), nullptr);
  EXPECT_EQ(pool.idle_count(), 1U);
}

TEST_F(ConnectionPoolTest, AConnectionOnWhichTheBackendSpokeOrClosedIsNotGiven) {
  put_new()->input().push("HTTP/1.1 200 OK\r\n");  // an answer nobody asked for
  put_new()->input().end();
  put_new()->input().end(support::BytePipe::Ending::reset);
  EXPECT_EQ(pool.take(target, kStart), nullptr);
  EXPECT_EQ(pool.idle_count(), 0U);
}

TEST_F(ConnectionPoolTest, WhatLoadNeededIsClosedOnceNobodyWantsIt) {
  for (std::size_t i = 0; i < ConnectionPool::kMaxIdlePerTarget + 10; ++i)
    put_new();
  pool.sweep(kStart + ConnectionPool::kMaxSurplusIdle - 1s);
  EXPECT_EQ(pool.idle_count(), ConnectionPool::kMaxIdlePerTarget + 10);
  pool.put(pool.take(target, kStart + 1s), kStart + 1s);
  pool.sweep(kStart + ConnectionPool::kMaxSurplusIdle);
  EXPECT_EQ(pool.idle_count(), ConnectionPool::kMaxIdlePerTarget);
}

TEST_F(ConnectionPoolTest, OldOnesAreNotGiven) {
  put_new();
  EXPECT_EQ(pool.take(target, kStart + ConnectionPool::kMaxIdle), nullptr);
  auto [connection, stream] = connect();
  pool.put(std::move(connection), kStart + ConnectionPool::kMaxAge);
  EXPECT_EQ(pool.idle_count(), 0U);
}

TEST_F(ConnectionPoolTest, TheNumberOfIdleOnesIsBounded) {
  for (std::size_t i = 0; i < ConnectionPool::kMaxIdleUnderLoad + 10; ++i)
    put_new();
  EXPECT_EQ(pool.idle_count(), ConnectionPool::kMaxIdleUnderLoad);
  EXPECT_EQ(target->open_connections.load(), ConnectionPool::kMaxIdleUnderLoad);
}

TEST_F(ConnectionPoolTest, SweepingClosesOldAndTalkativeOnesAndKeepsTheRest) {
  put_new(kStart);
  MemoryStream* talkative = put_new(kStart + 30s);
  put_new(kStart + 30s);
  talkative->input().push("?");
  pool.sweep(kStart + ConnectionPool::kMaxIdle);
  EXPECT_EQ(pool.idle_count(), 1U);
  EXPECT_EQ(target->open_connections.load(), 1U);
}

TEST_F(ConnectionPoolTest, ClosingAllLeavesNone) {
  put_new();
  put_new();
  pool.close_all();
  EXPECT_EQ(pool.idle_count(), 0U);
  EXPECT_EQ(target->open_connections.load(), 0U);
}

}  // namespace
}  // namespace spillway::upstream
