#include "support/memory_stream.hpp"
#include <spillway/gateway/waiting_clients.hpp>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace spillway::gateway {
namespace {

using namespace std::chrono_literals;
using support::MemoryStream;

enum class Kind : std::uint8_t { fresh, idle };

class Waiting : public ::testing::Test {
 protected:
  Waiting() {
    waiting.on_request(
        [this](ClientConnection connection) { served.push_back(std::move(connection)); });
  }
  /// Nothing holds it but those who wait.
  MemoryStream& add(Kind kind, base::Duration patience = 60s) {
    auto stream = std::make_unique<MemoryStream>(context.get_executor(), base::Side::client);
    MemoryStream& added = *stream;
    ConnectionPlaces places;
    places.connection = Place::take(taken, 100);
    const bool is_new = kind == Kind::fresh;
    const Limit limit = is_new ? Limit::header_timeout : Limit::idle_timeout;
    waiting.add({std::move(stream),
                 {},
                 std::move(places),
                 ConnectionSpan(wheel.now(), 0),
                 is_new,
                 wheel.now() + patience},
                limit);
    return added;
  }
  void turn() {
    context.restart();
    context.poll();
  }
  [[nodiscard]] std::uint64_t count(Limit limit) const { return counters.hits(limit); }

  net::asio::io_context context{1};
  base::SteadyTime begin = base::SteadyTime(1h);
  net::DeadlineWheel wheel{begin};
  LimitCounters counters;
  std::atomic<std::uint64_t> taken{0};
  std::vector<ClientConnection> served;
  WaitingClients waiting{wheel, counters};
};

TEST_F(Waiting, WhoSaysSomethingIsServed) {
  add(Kind::idle);
  MemoryStream& asking = add(Kind::fresh);
  add(Kind::idle);
  turn();
  EXPECT_TRUE(served.empty());
  asking.input().push("POST /");
  turn();
  ASSERT_EQ(served.size(), 1U);
  EXPECT_EQ(served[0].stream.get(), &asking);
  EXPECT_TRUE(served[0].is_new);
  EXPECT_EQ(asking.input().unread_bytes(), 6U) << "nothing is read here";
  EXPECT_EQ(taken, 3U);
}

TEST_F(Waiting, WhoGoesIsServedToFindThatOut) {
  add(Kind::idle).input().end();
  turn();
  EXPECT_EQ(served.size(), 1U);
}

TEST_F(Waiting, WhoseTimeIsUpIsClosedAndCounted) {
  add(Kind::idle, 10s);
  add(Kind::fresh, 5s);
  add(Kind::idle, 60s);
  wheel.advance(begin + 11s);
  turn();
  EXPECT_TRUE(served.empty());
  EXPECT_EQ(taken, 1U);
  EXPECT_EQ(count(Limit::idle_timeout), 1U);
  EXPECT_EQ(count(Limit::header_timeout), 1U);
}

TEST_F(Waiting, IdleOnesAreClosedAndNewOnesLeft) {
  add(Kind::idle);
  MemoryStream& fresh = add(Kind::fresh);
  add(Kind::idle);
  waiting.close_idle();
  EXPECT_EQ(taken, 1U);
  fresh.input().push("x");
  turn();
  EXPECT_EQ(served.size(), 1U);
}

TEST_F(Waiting, AllAreServedWhenNobodyIsToWait) {
  add(Kind::idle);
  add(Kind::fresh);
  waiting.serve_all();
  EXPECT_EQ(served.size(), 2U);
  wheel.advance(begin + 1h);
  turn();
  EXPECT_EQ(count(Limit::idle_timeout), 0U);
  EXPECT_EQ(taken, 2U);
}

TEST_F(Waiting, WhoIsTakenWhileItsBytesAreToldIsServedOnce) {
  add(Kind::idle).input().push("x");
  waiting.serve_all();
  EXPECT_EQ(served.size(), 1U);
  turn();
  waiting.serve_all();
  turn();
  EXPECT_EQ(served.size(), 1U);
}

TEST_F(Waiting, WhoIsClosedWhileItsBytesAreToldIsGone) {
  add(Kind::idle).input().push("x");
  waiting.close_idle();
  EXPECT_EQ(taken, 0U);
  turn();
  EXPECT_TRUE(served.empty());
}

}  // namespace
}  // namespace spillway::gateway
