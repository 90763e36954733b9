// The scripted stream that the other component tests rely on.

#include "support/memory_stream.hpp"

#include "support/run_task.hpp"

#include <gtest/gtest.h>

namespace spillway::support {
namespace {

using net::Try;

class MemoryStreamTest : public testing::Test {
 protected:
  net::TryResult try_write(std::string_view text) {
    const net::asio::const_buffer piece(text.data(), text.size());
    return stream_.try_write(std::span(&piece, 1));
  }
  net::TryResult try_read() { return stream_.try_read(net::asio::buffer(bytes_)); }

  net::asio::io_context context_{1};
  MemoryStream stream_{context_.get_executor(), base::Side::client};
  std::array<char, 64> bytes_{};
};

TEST_F(MemoryStreamTest, ReadsInScriptedPieces) {
  EXPECT_EQ(try_read().outcome, Try::wants_read);
  stream_.input().push("abc");
  stream_.input().push("de");
  EXPECT_EQ(try_read().bytes, 3U);
  stream_.input().limit_reads(1);
  EXPECT_EQ(try_read().bytes, 1U);
  EXPECT_EQ(try_read().bytes, 1U);
  stream_.input().end();
  EXPECT_EQ(try_read().outcome, Try::done);
  EXPECT_EQ(try_read().bytes, 0U);
}

TEST_F(MemoryStreamTest, BreaksAtTheGivenByte) {
  stream_.input().push("abcdef");
  stream_.input().break_reads_at(4, BytePipe::Ending::reset);
  EXPECT_EQ(try_read().bytes, 4U);
  EXPECT_EQ(try_read().outcome, Try::failed);
  EXPECT_EQ(stream_.failure()->fault(), base::Fault::client_gone);
}

TEST_F(MemoryStreamTest, FullPipeWantsWriteUntilSomebodyReads) {
  stream_.output().limit_capacity(4);
  EXPECT_EQ(try_write("abcdef").bytes, 4U);
  EXPECT_EQ(try_write("ef").outcome, Try::wants_write);
  EXPECT_EQ(stream_.output().take(), "abcd");
  EXPECT_EQ(try_write("ef").bytes, 2U);
}

TEST_F(MemoryStreamTest, WritingFailsAtTheGivenByte) {
  stream_.output().break_writes_at(3);
  EXPECT_EQ(try_write("abcd").bytes, 3U);
  EXPECT_EQ(try_write("d").outcome, Try::failed);
}

net::Task<base::Result<void>> write_text(net::Stream& stream, std::string text) {
  co_return co_await net::write_all(stream, net::asio::buffer(text));
}

net::Task<base::Result<std::size_t>> read_all(net::Stream& stream) {
  std::array<char, 3> buffer{};
  std::size_t total = 0;
  for (;;) {
    const base::Result<std::size_t> came =
        co_await net::read_some(stream, net::asio::buffer(buffer));
    if (!came) co_return came.error();
    if (*came == 0) co_return total;
    total += *came;
  }
}

TEST_F(MemoryStreamTest, ConnectedStreamsWaitForEachOther) {
  const auto [server, client] = connected_streams(context_.get_executor());
  client->output().limit_capacity(2);
  bool is_written = false;
  net::asio::co_spawn(context_, write_text(*client, "hello world"),
                      [&](const std::exception_ptr&, const base::Result<void>& result) {
                        is_written = result.has_value();
                        client->shutdown_write();
                      });
  EXPECT_EQ(run_task(context_, read_all(*server)).value().value(), 11U);
  EXPECT_TRUE(is_written);
}

TEST_F(MemoryStreamTest, ReadableCallsBackOnceAndFromTheLoop) {
  int calls = 0;
  stream_.input().push("a");
  stream_.on_readable([&] { ++calls; });
  EXPECT_EQ(calls, 0);
  context_.run();
  EXPECT_EQ(calls, 1);
  stream_.input().push("b");
  context_.restart();
  context_.run();
  EXPECT_EQ(calls, 1);
}

TEST_F(MemoryStreamTest, ClosingEndsBothSides) {
  const auto [server, client] = connected_streams(context_.get_executor());
  int calls = 0;
  client->on_readable([&] { ++calls; });
  server->close(base::Error(base::Fault::shutting_down, base::Side::gateway, "test"));
  context_.run();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(client->try_read(net::asio::buffer(bytes_)).bytes, 0U);
  const net::asio::const_buffer piece("x", 1);
  EXPECT_EQ(client->try_write(std::span(&piece, 1)).outcome, Try::failed);
  EXPECT_EQ(server->try_read(net::asio::buffer(bytes_)).outcome, Try::failed);
}

}  // namespace
}  // namespace spillway::support
