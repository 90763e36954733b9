#include <spillway/gateway/body_edits.hpp>
#include <spillway/gateway/body_facts.hpp>
#include <spillway/gateway/upload.hpp>
#include <spillway/http/message_writer.hpp>

#include <algorithm>
#include <string>

namespace spillway::gateway {

using base::Result;
using base::SteadyClock;
using net::Sent;

namespace {

// Below it a body is sent faster than the question is answered; curl asks from here on too.
constexpr std::uint64_t kWorthAsking = 1U << 20U;
// How much of the held part goes out before we look for an answer again.
constexpr std::size_t kSlice = 256U << 10U;

bool goes_on(const Result<Sent>& sent) {
  return sent && sent.value() == Sent::all;
}

net::asio::const_buffer piece_of(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

bool Upload::is_worth_asking(const std::optional<std::uint64_t>& length) {
  return !length || *length >= kWorthAsking;
}

net::Task<Result<void>> Upload::run(std::string_view head, std::span<const aoai::BodyEdit> edits,
                                    Asked asked) {
  auto sent = co_await begin(head, asked);
  if (goes_on(sent)) sent = co_await send_held(edits);
  if (goes_on(sent)) sent = co_await send_rest();
  set_deadline_for_backend();
  if (!sent) co_return sent.error();
  if (sent.value() == Sent::not_wanted) co_return Result<void>();
  co_return co_await end();
}

// Each step has the time of a first byte: a stalled upload ends, a long one does not.
void Upload::set_deadline_for_backend() {
  attempt_.set_deadline(context_.pool->configured().timeouts.first_byte, "first_byte");
}

net::Task<Result<Sent>> Upload::begin(std::string_view head, Asked asked) {
  const auto sent = co_await exchange_.send(head, std::string_view());
  if (!sent) co_return sent.error();
  if (asked == Asked::no) co_return Sent::all;
  const bool is_answered =
      co_await exchange_.is_answered_without_body(SteadyClock::now() + kPatience);
  if (is_answered) co_return Sent::not_wanted;
  co_return Sent::all;
}

net::Task<Result<Sent>> Upload::send_held(std::span<const aoai::BodyEdit> edits) {
  for (std::string_view left : edited_pieces(body_.held(), edits)) {
    while (!left.empty()) {
      const std::string_view slice = left.substr(0, kSlice);
      const auto sent = co_await send_piece(slice);
      if (!goes_on(sent)) co_return sent;
      left.remove_prefix(slice.size());
    }
  }
  if (exchange_.is_answered_early()) co_return Sent::not_wanted;
  co_return Sent::all;
}

net::Task<Result<Sent>> Upload::send_rest() {
  for (;;) {
    // A caller that sends slowly is not the backend's pause.
    attempt_.set_total_deadline();
    const auto piece = co_await body_.next_piece();
    if (!piece) co_return piece.error();
    const auto watched = watch_form(context_, body_, piece.value());
    if (!watched) co_return watched.error();
    if (piece.value().empty()) co_return Sent::all;
    const auto sent = co_await send_piece(piece.value());
    if (!goes_on(sent)) co_return sent;
  }
}

net::Task<Result<Sent>> Upload::send_piece(std::string_view piece) {
  set_deadline_for_backend();
  std::string before;
  std::string_view behind;
  if (is_chunked()) {
    http::append_chunk_header(before, piece.size());
    behind = http::kChunkEnd;
  }
  const net::Pieces pieces = {piece_of(before), piece_of(piece), piece_of(behind)};
  const auto sent = co_await exchange_.send_unless_answered(pieces);
  co_return sent;
}

net::Task<Result<void>> Upload::end() {
  if (!is_chunked()) co_return Result<void>();
  const auto sent = co_await exchange_.send(http::kLastChunk, std::string_view());
  co_return sent;
}

}  // namespace spillway::gateway
