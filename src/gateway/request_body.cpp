#include <spillway/gateway/request_body.hpp>

#include <algorithm>
#include <utility>

namespace spillway::gateway {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;
using base::SteadyClock;

namespace {

// Only beyond it the average rate counts (configuration: min_body_rate).
constexpr auto kRateGrace = std::chrono::seconds(10);

Error too_large(std::uint64_t max_body) {
  return {Fault::too_large, Side::client,
          "the request body is larger than " + std::to_string(max_body) +
              " bytes (limits.max_request_body, limits.max_upload_body)"};
}

}  // namespace

RequestBody::RequestBody(const ClientSide& client, const http::RequestHead& head,
                         const config::Limits& limits, ProcessState& process)
    : client_(client),
      head_(head),
      limits_(limits),
      process_(process),
      began_(SteadyClock::now()) {}

RequestBody::~RequestBody() {
  process_.replay_memory_bytes.fetch_sub(reserved_, std::memory_order_relaxed);
}

// Both bounds of reading: the pause between two reads, and the average rate once the grace is over.
void RequestBody::set_read_deadline() const {
  const auto earned =
      std::chrono::seconds(received_ / std::max<std::uint64_t>(limits_.min_body_rate, 1));
  const auto by_rate = began_ + std::max<base::Duration>(kRateGrace, earned);
  const auto by_pause = SteadyClock::now() + limits_.body_timeout;
  client_.set_deadline(limits_.min_body_rate == 0 ? by_pause : std::min(by_rate, by_pause), "body");
}

bool RequestBody::may_hold(std::uint64_t more) {
  if (view_.size() + more > limits_.replay_buffer) return false;
  const std::uint64_t before =
      process_.replay_memory_bytes.fetch_add(more, std::memory_order_relaxed);
  reserved_ += more;
  if (before + more <= limits_.replay_memory) return true;
  process_.replay_memory_bytes.fetch_sub(more, std::memory_order_relaxed);
  reserved_ -= more;
  return false;
}

net::Task<Result<std::string_view>> RequestBody::read_piece() {
  set_read_deadline();
  auto piece = co_await client_.reader.read_body_piece();
  client_.clear_deadline();
  if (!piece) co_return piece.error();
  received_ += piece.value().size();
  if (received_ > max_body_) co_return too_large(max_body_);
  co_return piece;
}

net::Task<Result<void>> RequestBody::read(std::uint64_t max_body) {
  max_body_ = max_body;
  if (head_.body.kind == http::Framing::length && head_.body.length > max_body) {
    co_return too_large(max_body);
  }
  while (!client_.reader.is_body_done()) {
    auto piece = co_await read_piece();
    if (!piece) co_return piece.error();
    const std::string_view bytes = piece.value();
    if (bytes.empty()) break;
    if (!may_hold(bytes.size())) {
      is_streamed_ = true;
      pending_ = bytes;
      break;
    }
    // A body that came whole with the first read is not copied: the reader's buffer keeps it.
    if (owned_.empty() && client_.reader.is_body_done()) {
      view_ = bytes;
      break;
    }
    if (owned_.empty() && head_.body.kind == http::Framing::length) {
      owned_.reserve(std::min(head_.body.length, limits_.replay_buffer));
    }
    owned_.append(bytes);
    view_ = owned_;
  }
  co_return Result<void>();
}

std::optional<std::uint64_t> RequestBody::length() const {
  if (head_.body.kind == http::Framing::length) return head_.body.length;
  if (head_.body.kind == http::Framing::none) {
    // "Content-Length: 0" is passed on: front ends answer a POST without it by 411.
    const bool is_announced = head_.fields.find("content-length").has_value();
    return is_announced ? std::optional<std::uint64_t>(0) : std::nullopt;
  }
  if (is_streamed_) return std::nullopt;
  return view_.size();
}

net::Task<Result<std::string_view>> RequestBody::next_piece() {
  has_left_ = true;
  if (!pending_.empty()) co_return std::exchange(pending_, {});
  if (client_.reader.is_body_done()) co_return std::string_view();
  co_return co_await read_piece();
}

}  // namespace spillway::gateway
