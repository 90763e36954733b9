// A backend that costs next to nothing: reads a request by its Content-Length or chunks, answers
// with fixed bytes. For measuring what stands in front of it; spillway-sim is the one that behaves
// like Azure.

#include "bench/backend/answers.hpp"
#include <spillway/base/text.hpp>
#include <spillway/net/task.hpp>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/write.hpp>

#include <csignal>
#include <cstdio>
#include <optional>

namespace spillway::bench {
namespace {

namespace asio = boost::asio;
using net::Task;
using net::use_task;
using Socket = asio::basic_stream_socket<asio::ip::tcp, net::Executor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, net::Executor>;

constexpr std::size_t kRead = 64U << 10U;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

struct Framed {
  std::string_view target;
  std::string_view body;
  std::size_t total = 0;  // bytes of head and body
};

// The gateways it serves write "content-length: N" in whatever case.
std::optional<std::string_view> field(std::string_view head, std::string_view name) {
  for (auto at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (!base::equals_ignoring_case(line.substr(0, name.size()), name)) continue;
    return base::trim(line.substr(name.size() + 1));
  }
  return std::nullopt;
}

// Nothing while the request is not whole.
std::optional<Framed> frame(std::string_view input) {
  const auto head_end = input.find(kHeadEnd);
  if (head_end == std::string_view::npos) return std::nullopt;
  const std::string_view head = input.substr(0, head_end);
  const auto first = head.find(' ');
  Framed framed;
  framed.target = head.substr(first + 1, head.find(' ', first + 1) - first - 1);
  const std::size_t begin = head_end + kHeadEnd.size();
  std::size_t length = 0;
  if (const auto announced = field(head, "content-length")) {
    length = static_cast<std::size_t>(base::parse_unsigned(*announced).value_or(0));
  } else if (field(head, "transfer-encoding")) {
    const auto end = input.find(kLastChunk, begin);
    if (end == std::string_view::npos) return std::nullopt;
    length = end + kLastChunk.size() - begin;
  }
  framed.total = begin + length;
  if (input.size() < framed.total) return std::nullopt;
  framed.body = input.substr(begin, length);
  return framed;
}

Task<void> serve(Socket socket, Answers& answers) {
  std::string input;
  boost::system::error_code error;
  for (;;) {
    const auto framed = frame(input);
    if (!framed) {
      const std::size_t had = input.size();
      input.resize(had + kRead);
      const asio::mutable_buffer room(input.data() + had, kRead);
      const std::size_t came =
          co_await socket.async_read_some(room, asio::redirect_error(use_task, error));
      input.resize(had + came);
      if (error) co_return;
      continue;
    }
    const BackendAnswer answer = answers.next(framed->target, framed->body);
    const asio::const_buffer bytes(answer.bytes.data(), answer.bytes.size());
    co_await asio::async_write(socket, bytes, asio::redirect_error(use_task, error));
    if (error || answer.is_cut) co_return;
    input.erase(0, framed->total);
  }
}

Task<void> accept(Acceptor& acceptor, Answers& answers) {
  boost::system::error_code error;
  while (acceptor.is_open()) {
    Socket socket = co_await acceptor.async_accept(asio::redirect_error(use_task, error));
    if (error) continue;
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), answers),
                   [](const std::exception_ptr&) {});
  }
}

int run(std::uint16_t port, const Faults& faults, unsigned stream_events) {
  asio::io_context loop(1);
  Answers answers(faults, stream_events);
  const asio::ip::tcp::endpoint where(asio::ip::address_v4::loopback(), port);
  Acceptor acceptor(loop.get_executor(), where);
  std::printf("listening http://127.0.0.1:%u\n", unsigned{acceptor.local_endpoint().port()});
  std::fflush(stdout);
  asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { loop.stop(); });
  asio::co_spawn(loop.get_executor(), accept(acceptor, answers), [](const std::exception_ptr&) {});
  loop.run();
  return 0;
}

}  // namespace
}  // namespace spillway::bench

int main(int argc, char** argv) {
  CLI::App app("A backend with fixed answers, for benchmarks");
  std::uint16_t port = 0;
  unsigned stream_events = 20;
  spillway::bench::Faults faults;
  app.add_option("--port", port, "0: a free one");
  app.add_option("--stream-events", stream_events, "data events of a streamed answer");
  app.add_option("--throttle-each", faults.throttle_each, "429 for each Nth request");
  app.add_option("--fail-each", faults.fail_each, "500 for each Nth request");
  app.add_option("--cut-each", faults.cut_each, "half an answer for each Nth request");
  CLI11_PARSE(app, argc, argv);
  return spillway::bench::run(port, faults, stream_events);
}
