#include <spillway/net/event_loop.hpp>
#include <spillway/net/task_group.hpp>
#include <spillway/net/tcp_connect.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

namespace spillway::net {
namespace {

using tcp = asio::ip::tcp;

Task<void> connect_to(TcpConnect& connect, tcp::endpoint endpoint,
                      std::optional<base::Result<base::Descriptor>>& result) {
  result = co_await connect.connect(endpoint);
}

// AddressSanitizer sees what is told to one that has gone. The connection is there at once, but
// nobody looks before it is closed; and so many tasks stand before its end that the loop looks in
// between.
TEST(TcpConnect, OneThatWasClosedIsNotToldBehindItsEnd) {
  asio::io_context elsewhere(1);
  const tcp::acceptor acceptor(elsewhere, {asio::ip::address_v4::loopback(), 0});
  EventLoop loop;
  TaskGroup tasks(loop.executor(), [](const std::string& what) { FAIL() << what; });
  TcpConnect connect(loop.executor());
  std::optional<base::Result<base::Descriptor>> result;
  tasks.spawn(connect_to(connect, acceptor.local_endpoint(), result));
  asio::post(loop.executor(), [&] { connect.close(); });
  for (int i = 0; i < 100; ++i)
    asio::post(loop.executor(), [] {});
  loop.run(std::chrono::milliseconds(1), [] {});
  EXPECT_TRUE(result);
}

}  // namespace
}  // namespace spillway::net
