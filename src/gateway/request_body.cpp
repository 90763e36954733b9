#include <spillway/gateway/pace.hpp>
#include <spillway/gateway/request_body.hpp>

#include <algorithm>
#include <span>
#include <utility>

namespace spillway::gateway {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;
using base::SteadyClock;

namespace {

constexpr std::uint64_t kMostDropped = 64U << 10U;
// Up to here memory goes round (http/block_cache) and is warm. Beyond, a read straight into fresh
// pages cost more than the copy from a warm block: 8 MB were twice as dear.
constexpr std::uint64_t kMostReadStraight = 16U << 20U;

}  // namespace

RequestBody::RequestBody(const ClientSide& client, const http::RequestHead& head,
                         const config::Limits& limits, ProcessState& process,
                         base::SteadyTime began)
    : client_(client), head_(head), limits_(limits), process_(process), began_(began) {}

RequestBody::~RequestBody() {
  process_.replay_memory_bytes.fetch_sub(reserved_, std::memory_order_relaxed);
  http::give_back(std::move(block_));
}

Error RequestBody::too_large() const {
  process_.limit_hits.count(size_limit_);
  return {Fault::too_large, Side::client,
          "the request body is larger than " + std::to_string(max_body_) + " bytes (limits." +
              std::string(name_of(size_limit_)) + ")"};
}

void RequestBody::set_read_deadline(base::SteadyTime now) const {
  const Patience patience = patience_with_body(limits_, {received_, waited_, now - began_});
  client_.set_deadline(now + patience.time, patience.limit);
}

bool RequestBody::may_hold(std::uint64_t more) {
  const std::uint64_t before =
      process_.replay_memory_bytes.fetch_add(more, std::memory_order_relaxed);
  reserved_ += more;
  if (before + more <= limits_.replay_memory) return true;
  process_.limit_hits.count(Limit::replay_memory);
  process_.replay_memory_bytes.fetch_sub(more, std::memory_order_relaxed);
  reserved_ -= more;
  return false;
}

net::Task<Result<std::string_view>> RequestBody::read_any_piece() {
  const base::SteadyTime asked = SteadyClock::now();
  set_read_deadline(asked);
  auto piece = co_await client_.reader.read_body_piece();
  client_.clear_deadline();
  waited_ += SteadyClock::now() - asked;
  if (piece) received_ += piece.value().size();
  if (!piece) process_.limit_hits.count(client_.reader.passed_bound());
  co_return piece;
}

net::Task<Result<std::string_view>> RequestBody::read_piece() {
  auto piece = co_await read_any_piece();
  if (!piece) co_return piece.error();
  if (received_ > max_body_) co_return too_large();
  co_return piece;
}

net::Task<void> RequestBody::drop() {
  const bool is_large =
      head_.body.kind == http::Framing::length && head_.body.length > kMostDropped;
  if (is_large || head_.expects_continue || !head_.keep_alive) co_return;
  while (!client_.reader.is_body_done() && received_ <= kMostDropped) {
    const auto piece = co_await read_any_piece();
    if (!piece) co_return;
  }
}

std::optional<Result<void>> RequestBody::take_buffered(std::uint64_t max_body, Limit limit) {
  max_body_ = max_body;
  size_limit_ = limit;
  if (head_.body.kind == http::Framing::length && head_.body.length > max_body) {
    return too_large();
  }
  while (!client_.reader.is_body_done()) {
    const auto piece = client_.reader.take_buffered_body();
    if (!piece) {
      process_.limit_hits.count(client_.reader.passed_bound());
      return piece.error();
    }
    if (piece->empty() && !client_.reader.is_body_done()) return std::nullopt;
    received_ += piece->size();
    if (received_ > max_body_) return too_large();
    if (!keep(*piece)) break;
  }
  return Result<void>();
}

net::Task<Result<void>> RequestBody::read() {
  while (!client_.reader.is_body_done()) {
    if (is_read_straight()) co_return co_await read_straight();
    auto piece = co_await read_piece();
    if (!piece) co_return piece.error();
    if (!keep(piece.value())) break;
  }
  co_return Result<void>();
}

// False: nothing more is to be read now.
bool RequestBody::keep(std::string_view piece) {
  if (piece.empty()) return false;
  const std::string_view fitting = piece.substr(0, limits_.replay_buffer - view_.size());
  const bool may_be_held = !fitting.empty() && may_hold(fitting.size());
  const bool is_all_held = may_be_held && fitting.size() == piece.size();
  // A body that came whole with the first read is not copied: the reader's buffer keeps it.
  if (is_all_held && view_.empty() && client_.reader.is_body_done()) {
    view_ = piece;
    return false;
  }
  if (may_be_held) hold(fitting);
  if (is_all_held) return true;
  is_streamed_ = true;
  pending_ = piece.substr(may_be_held ? fitting.size() : 0);
  return false;
}

void RequestBody::hold(std::string_view piece) {
  const bool has_length = head_.body.kind == http::Framing::length;
  const std::uint64_t most_straight = std::min(limits_.replay_buffer, kMostReadStraight);
  if (view_.empty() && has_length && head_.body.length <= most_straight) {
    block_ = http::take_block(static_cast<std::size_t>(head_.body.length));
  } else if (view_.empty() && has_length) {
    owned_.reserve(static_cast<std::size_t>(std::min(head_.body.length, limits_.replay_buffer)));
  }
  if (!block_.memory) {
    owned_.append(piece);
    view_ = owned_;
    return;
  }
  std::copy(piece.begin(), piece.end(), block_.memory.get() + view_.size());
  view_ = {block_.memory.get(), view_.size() + piece.size()};
}

// Large prompts and images: the copy from a buffer would be a quarter of what they cost.
bool RequestBody::is_read_straight() const {
  return block_.memory != nullptr && client_.reader.buffered().empty();
}

net::Task<Result<void>> RequestBody::read_straight() {
  const auto length = static_cast<std::size_t>(head_.body.length);
  while (!client_.reader.is_body_done()) {
    const base::SteadyTime asked = SteadyClock::now();
    set_read_deadline(asked);
    const std::span<char> room(block_.memory.get() + view_.size(), length - view_.size());
    const auto came = co_await client_.reader.read_body_into(room);
    client_.clear_deadline();
    waited_ += SteadyClock::now() - asked;
    if (!came) process_.limit_hits.count(client_.reader.passed_bound());
    if (!came) co_return came.error();
    received_ += *came;
    if (!may_hold(*came)) {
      is_streamed_ = true;
      pending_ = {room.data(), *came};
      co_return Result<void>();
    }
    view_ = {block_.memory.get(), view_.size() + *came};
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
