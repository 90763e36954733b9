#include "bench/load/load.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/optional.hpp>

#include <cstdio>
#include <memory>
#include <utility>

namespace spillway::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using net::Task;
using net::use_task;
using std::chrono::steady_clock;
using Stream = boost::beast::basic_stream<asio::ip::tcp, net::Executor>;

// Longer than anything the gateway may take over these answers.
constexpr auto kPatience = std::chrono::seconds(60);
constexpr std::uint64_t kShown = 5;  // wrong answers, printed

struct Connection {
  explicit Connection(net::Executor executor) : stream(executor) {}

  Stream stream;
  boost::beast::flat_buffer buffer;
};

using Parser = http::response_parser<http::string_body>;

Task<boost::system::error_code> exchange(Connection& connection, const Call& call, Parser& parser) {
  boost::system::error_code error;
  connection.stream.expires_after(kPatience);
  const asio::const_buffer bytes(call.bytes.data(), call.bytes.size());
  co_await asio::async_write(connection.stream, bytes, asio::redirect_error(use_task, error));
  if (error || call.kind == CallKind::hang_up) co_return error;
  parser.body_limit(boost::none);
  co_await http::async_read(connection.stream, connection.buffer, parser,
                            asio::redirect_error(use_task, error));
  co_return error;
}

}  // namespace

Load::Load(asio::io_context& loop, const Calls& calls, LoadOrder order, Each each)
    : loop_(loop), calls_(calls), order_(std::move(order)), each_(std::move(each)) {
  counts_.latencies_us.reserve(static_cast<std::size_t>(order_.requests));
}

void Load::start() {
  callers_left_ = order_.callers;
  for (unsigned i = 0; i < order_.callers; ++i) {
    asio::co_spawn(loop_.get_executor(), call_again_and_again(order_.seed + i),
                   [this](const std::exception_ptr& thrown) {
                     --callers_left_;
                     if (thrown) std::rethrow_exception(thrown);
                   });
  }
}

bool Load::is_more_wanted() {
  if (order_.requests != 0 && begun_ == order_.requests) return false;
  if (steady_clock::now() >= order_.until) return false;
  ++begun_;
  return true;
}

Task<void> Load::call_again_and_again(std::uint64_t seed) {
  base::Random random(seed);
  std::unique_ptr<Connection> connection;
  boost::system::error_code error;
  while (is_more_wanted()) {
    const Call call = order_.is_mixed ? calls_.draw(random) : calls_.plain();
    if (!connection) {
      connection = std::make_unique<Connection>(loop_.get_executor());
      connection->stream.expires_after(kPatience);
      co_await connection->stream.async_connect(order_.gateway,
                                                asio::redirect_error(use_task, error));
    }
    const auto began = steady_clock::now();
    Parser parser;
    if (!error) error = co_await exchange(*connection, call, parser);
    if (!error && call.kind == CallKind::hang_up) {
      ++counts_.hung_up;
    } else if (error) {
      ++(parser.is_header_done() ? counts_.cut : counts_.unreached);
    } else {
      note(call, parser.get().result_int(), parser.get().body(), began);
    }
    const bool is_over = static_cast<bool>(error) || call.ends_connection || !parser.keep_alive();
    if (is_over) connection.reset();
    error.clear();
    each_(counts_);
  }
}

void Load::note(const Call& call, unsigned status, std::string_view body,
                steady_clock::time_point began) {
  const auto took = steady_clock::now() - began;
  counts_.latencies_us.push_back(static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  ++counts_.answered;
  switch (judge(call.kind, status, body)) {
    case Verdict::right:
      ++counts_.right;
      break;
    case Verdict::unavailable:
      ++counts_.unavailable;
      break;
    case Verdict::wrong:
      if (++counts_.wrong <= kShown) {
        std::fprintf(stderr, "wrong answer to call %u: %u %.*s\n", unsigned(call.kind), status,
                     static_cast<int>(std::min<std::size_t>(body.size(), 200)), body.data());
      }
      break;
  }
}

}  // namespace spillway::bench
