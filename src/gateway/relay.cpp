#include <spillway/aoai/stream_shape.hpp>
#include <spillway/base/text.hpp>
#include <spillway/gateway/client_response.hpp>
#include <spillway/gateway/relay.hpp>
#include <spillway/http/message_writer.hpp>

#include <algorithm>
#include <utility>

namespace spillway::gateway {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;
using base::SteadyClock;

namespace {

bool is_event_stream(const http::ResponseHead& answer) {
  constexpr std::string_view kind = "text/event-stream";
  const auto type = answer.fields.find("content-type");
  return type && type->size() >= kind.size() &&
         base::equals_ignoring_case(type->substr(0, kind.size()), kind);
}

constexpr std::string_view kChunkEndAndLastChunk = "\r\n0\r\n\r\n";

net::asio::const_buffer buffer_of(std::string_view text) {
  return {text.data(), text.size()};
}

// A member that we had no token for was passed over, not tried.
unsigned attempts_made(const telemetry::AccessRecord& record) {
  const auto passed_over = routing::name_of(routing::OutcomeKind::no_credential);
  const auto made = std::count_if(record.attempts.begin(), record.attempts.end(),
                                  [&](const auto& each) { return each.outcome != passed_over; });
  return static_cast<unsigned>(made);
}

telemetry::Ending ending_of(Fault fault) {
  switch (fault) {
    case Fault::client_gone:
      return telemetry::Ending::client_gone;
    case Fault::timed_out:
      return telemetry::Ending::timed_out;
    case Fault::shutting_down:
      return telemetry::Ending::shutting_down;
    default:
      return telemetry::Ending::upstream_cut;
  }
}

}  // namespace

Relay::Relay(RequestContext& context, Attempt& attempt, AfterRequest when_complete)
    : context_(context),
      attempt_(attempt),
      exchange_(attempt.exchange()),
      framing_(framing_for_client(attempt.answer(), context.head.version)),
      when_complete_(framing_.kind == http::Framing::until_close ? AfterRequest::close
                                                                 : when_complete),
      is_event_stream_(is_event_stream(attempt.answer())) {}

net::Task<AfterRequest> Relay::run() {
  ClientResponse response;
  response.request_id = context_.record.request_id;
  response.backend = attempt_.backend().name;
  response.attempts = attempts_made(context_.record);
  response.framing = framing_;
  response.keeps_alive = when_complete_ == AfterRequest::keep_alive;
  head_.reserve(2048);
  append_client_head(head_, attempt_.answer(), response);
  context_.record.status = attempt_.answer().status;
  context_.record.backend = attempt_.backend().name;
  context_.record.first_byte = SteadyClock::now() - context_.began;

  const auto relayed = co_await relay_body();
  if (!relayed) {
    const Error error = relayed.error();
    co_return co_await break_off(error);
  }
  exchange_.finish(attempt_.answer());
  context_.record.ending = telemetry::Ending::complete;
  co_return when_complete_;
}

// What has come together with the head goes out together with the head.
Result<std::string_view> Relay::first_bytes() {
  if (!attempt_.peeked().empty()) return attempt_.peeked();
  return exchange_.take_buffered_body();
}

net::Task<Result<void>> Relay::relay_body() {
  auto piece = first_bytes();
  for (;;) {
    if (!piece) {
      if (!head_.empty()) co_await write(std::string_view());
      co_return piece.error();
    }
    // A client that reads slowly is not the backend's pause.
    attempt_.set_total_deadline();
    const auto written = co_await write(piece.value());
    if (!written) co_return written.error();
    if (exchange_.is_body_done()) co_return Result<void>();
    attempt_.set_deadline(context_.pool->configured().timeouts.idle, "idle");
    piece = co_await exchange_.read_body_piece();
    if (exchange_.closed()) co_return *exchange_.closed();
  }
}

// One piece of body with whatever stands before and behind it. The end of the body goes out with
// its last piece.
net::Task<Result<void>> Relay::write(std::string_view bytes) {
  std::string before = std::exchange(head_, {});
  std::string_view behind;
  if (is_chunked()) {
    const bool is_last = exchange_.is_body_done();
    if (!bytes.empty()) http::append_chunk_header(before, bytes.size());
    if (!bytes.empty()) behind = is_last ? kChunkEndAndLastChunk : http::kChunkEnd;
    if (bytes.empty() && is_last) behind = http::kLastChunk;
  }
  if (is_event_stream_) events_.observe(bytes);
  context_.record.response_bytes += bytes.size();
  const net::Pieces pieces = {buffer_of(before), buffer_of(bytes), buffer_of(behind)};
  context_.set_write_deadline();
  auto written = co_await net::write_all(context_.client.stream, pieces);
  context_.client.clear_deadline();
  co_return written;
}

net::Task<AfterRequest> Relay::break_off(const Error& error) {
  const bool is_upstream = error.side() == Side::upstream;
  context_.record.ending = ending_of(error.fault());
  context_.record.error = error.detail();
  if (is_upstream) attempt_.record(routing::outcome_of_fault(error.fault()));
  exchange_.close(error);
  const bool can_tell = is_upstream && is_event_stream_ && is_chunked() &&
                        events_.is_between_events() && !context_.client.stream.is_closed();
  if (can_tell) {
    const auto shape = context_.path.operation == aoai::Operation::responses
                           ? aoai::StreamShape::responses
                           : aoai::StreamShape::chat;
    const std::string event = aoai::make_stream_error_event(
        shape, "The backend broke off before the end of this answer: " + error.detail(),
        events_.event_count());
    std::string chunk;
    http::append_chunk_header(chunk, event.size());
    chunk += event;
    chunk += http::kChunkEnd;
    context_.set_write_deadline();
    const auto told = co_await net::write_all(context_.client.stream, net::asio::buffer(chunk));
    static_cast<void>(told);  // either way the connection ends here, without a last chunk
  }
  co_return AfterRequest::abort;
}

}  // namespace spillway::gateway
