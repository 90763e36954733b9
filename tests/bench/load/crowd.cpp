#include "bench/load/crowd.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <string_view>

namespace spillway::bench {

namespace asio = boost::asio;
using net::Task;
using net::use_task;

namespace {

constexpr std::string_view kEndlessHead =
    "POST /openai/deployments/gpt-4o/chat/completions HTTP/1.1\r\nhost: gateway\r\nx-slow: "
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr auto kComeBack = std::chrono::milliseconds(200);

}  // namespace

Crowd::Crowd(asio::io_context& loop, const CrowdOrder& order) : loop_(loop), order_(order) {}

void Crowd::start() {
  for (unsigned i = 0; i < order_.idle + order_.slow; ++i)
    asio::co_spawn(loop_.get_executor(), stay(i >= order_.idle), [](const std::exception_ptr&) {});
}

void Crowd::close() {
  is_over_ = true;
}

Task<void> Crowd::stay(bool is_slow) {
  boost::system::error_code error;
  while (!is_over_) {
    Socket socket(loop_.get_executor());
    co_await socket.async_connect(order_.gateway, asio::redirect_error(use_task, error));
    if (error) {
      co_await pause(kComeBack);
      continue;
    }
    ++connected_;
    if (is_slow) {
      co_await send_slowly(socket);
    } else {
      co_await wait_for_end(socket);
    }
    --connected_;
    if (!is_over_) ++cut_off_;
  }
}

Task<void> Crowd::wait_for_end(Socket& socket) {
  std::array<char, 512> dropped{};
  boost::system::error_code error;
  while (!error && !is_over_) {
    const asio::mutable_buffer room(dropped.data(), dropped.size());
    co_await socket.async_read_some(room, asio::redirect_error(use_task, error));
  }
}

Task<void> Crowd::send_slowly(Socket& socket) {
  boost::system::error_code error;
  for (std::size_t i = 0; i < kEndlessHead.size() && !error && !is_over_; ++i) {
    const asio::const_buffer byte(&kEndlessHead[i], 1);
    co_await asio::async_write(socket, byte, asio::redirect_error(use_task, error));
    if (!error) co_await pause(order_.byte_each);
  }
}

Task<void> Crowd::pause(std::chrono::milliseconds length) {
  net::Timer timer(loop_.get_executor(), length);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(use_task, ignored));
}

}  // namespace spillway::bench
