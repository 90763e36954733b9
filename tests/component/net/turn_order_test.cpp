// What is told first in a turn of the event loop.

#include "support/socket_pair.hpp"
#include <spillway/net/tcp_stream.hpp>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace spillway::net {
namespace {

using base::Side;

TEST(TurnOrder, AnswersComeBeforeRequests) {
  asio::io_context context(1);
  std::array<test::SocketPair, 4> pairs;
  std::string order;
  TcpStream first_client(context.get_executor(), std::move(pairs[0].ours), Side::client);
  TcpStream first_backend(context.get_executor(), std::move(pairs[1].ours), Side::upstream);
  TcpStream second_client(context.get_executor(), std::move(pairs[2].ours), Side::client);
  TcpStream second_backend(context.get_executor(), std::move(pairs[3].ours), Side::upstream);
  for (TcpStream* client : {&first_client, &second_client})
    client->on_readable([&] { order += 'c'; });
  for (TcpStream* backend : {&first_backend, &second_backend})
    backend->on_readable([&] { order += 'b'; });
  context.poll();
  for (const test::SocketPair& pair : pairs)
    pair.say("?");
  context.run_for(std::chrono::seconds(10));
  EXPECT_EQ(order, "bbcc");
}

}  // namespace
}  // namespace spillway::net
