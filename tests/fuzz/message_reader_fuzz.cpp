// Any bytes on a connection, read as requests and as responses until the reader fails: the split
// between reads makes no difference to what it made of them.

#include <spillway/http/message_reader.hpp>

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace spillway;

// Always ready; gives at most `step` bytes at once, then the end.
class BytesStream final : public net::Stream {
 public:
  BytesStream(net::Executor executor, std::string_view bytes, std::size_t step)
      : executor_(std::move(executor)), bytes_(bytes), step_(step) {}

  net::TryResult try_read(net::asio::mutable_buffer buffer) override {
    const std::size_t size = std::min({buffer.size(), step_, bytes_.size()});
    std::copy_n(bytes_.begin(), size, static_cast<char*>(buffer.data()));
    bytes_.remove_prefix(size);
    return {net::Try::done, size};
  }
  net::TryResult try_write(std::span<const net::asio::const_buffer>) override {
    return {net::Try::wants_write, 0};
  }
  void on_readable(net::Continuation) override {}
  bool take_back_readable() override { return false; }
  [[nodiscard]] bool is_readable() const override { return true; }
  void shutdown_write() override {}

 private:
  void close_now() override {}
  void begin_wait_readable(net::Continuation go_on) override {
    net::asio::post(executor_, std::move(go_on));
  }
  void begin_wait_writable(net::Continuation go_on) override {
    net::asio::post(executor_, std::move(go_on));
  }
  void begin_write_later(const net::Pieces&, net::TryResult&, net::Continuation) override {
    std::abort();  // nothing is written
  }

  net::Executor executor_;
  std::string_view bytes_;
  std::size_t step_;
};

net::Task<bool> append_body(http::MessageReader& reader, std::string& text) {
  std::string body;
  for (;;) {
    const base::Result<std::string_view> piece = co_await reader.read_body_piece();
    // What of a refused body was handed out before depends on the split.
    if (!piece) {
      text += "cut " + std::string(base::name_of(piece.error().fault()));
      co_return false;
    }
    if (piece->empty()) break;
    body += *piece;
  }
  text += "{" + body + "}";
  co_return true;
}

void append_failure(const http::MessageReader& reader, const base::Error& error,
                    std::string& text) {
  text += error.detail() + std::to_string(reader.problem_status());
  if (error.fault() == base::Fault::internal) std::abort();
}

net::Task<void> read_requests(http::MessageReader& reader, std::string& text) {
  for (;;) {
    const base::Result<http::RequestHead> head = co_await reader.read_request_head();
    if (!head) {
      append_failure(reader, head.error(), text);
      co_return;
    }
    text += head->method + head->target + std::to_string(head->fields.size());
    if (!co_await append_body(reader, text)) co_return;
  }
}

net::Task<void> read_responses(http::MessageReader& reader, std::string& text) {
  for (;;) {
    const base::Result<http::ResponseHead> head = co_await reader.read_response_head("GET");
    if (!head) {
      append_failure(reader, head.error(), text);
      co_return;
    }
    text += std::to_string(head->status) + std::to_string(head->fields.size());
    if (!co_await append_body(reader, text)) co_return;
  }
}

std::string transcript(std::string_view bytes, std::size_t step, base::Side side) {
  net::asio::io_context context(1);
  BytesStream stream(context.get_executor(), bytes, step);
  http::MessageReader reader(stream, http::Limits(), side);
  std::string text;
  const auto rethrow = [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  };
  if (side == base::Side::client) {
    net::asio::co_spawn(context, read_requests(reader, text), rethrow);
  } else {
    net::asio::co_spawn(context, read_responses(reader, text), rethrow);
  }
  context.run();
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = std::max<std::size_t>(data[0], 1);
  for (const base::Side side : {base::Side::client, base::Side::upstream}) {
    if (transcript(bytes, step, side) != transcript(bytes, 1U << 20U, side)) std::abort();
  }
  return 0;
}
