#include "support/scripted_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <string>

namespace spillway::support {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

tcp::socket connected(asio::io_context& context, const ScriptedServer& server) {
  tcp::socket socket(context);
  socket.connect({asio::ip::address_v4::loopback(), server.port()});
  return socket;
}

std::string answer_to(tcp::socket& socket, const std::string& request) {
  asio::write(socket, asio::buffer(request));
  std::string answer;
  boost::system::error_code end;
  asio::read(socket, asio::dynamic_buffer(answer), end);
  return answer;
}

// One thread may both ask what was received and be the one that has still to send it.
TEST(ScriptedServerTest, RequestsCanBeAskedForWhileOneIsUnderWay) {
  const ScriptedServer server({"first", "second"});
  asio::io_context context;
  tcp::socket one = connected(context, server);
  EXPECT_EQ(answer_to(one, "GET /1 HTTP/1.1\r\n\r\n"), "first");
  tcp::socket two = connected(context, server);
  asio::write(two, asio::buffer(std::string("GET /2")));
  for (int i = 0; i < 10'000; ++i)  // long enough for the server to be in the midst of it
    ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(answer_to(two, " HTTP/1.1\r\n\r\n"), "second");
  EXPECT_EQ(server.requests().back(), "GET /2 HTTP/1.1\r\n\r\n");
}

}  // namespace
}  // namespace spillway::support
