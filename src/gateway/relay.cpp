#include <spillway/gateway/accounting.hpp>
#include <spillway/gateway/client_response.hpp>
#include <spillway/gateway/client_writing.hpp>
#include <spillway/gateway/relay.hpp>
#include <spillway/http/date.hpp>
#include <spillway/http/message_writer.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace spillway::gateway {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;
using base::SteadyClock;

namespace {

constexpr std::size_t kUsualHead = 1000;
constexpr std::string_view kChunkEndAndLastChunk = "\r\n0\r\n\r\n";
// An SSE comment: every reader ignores it (wire reference §5.5).
constexpr std::string_view kKeepAliveComment = ": keep-alive\n\n";

net::asio::const_buffer buffer_of(std::string_view text) {
  return {text.data(), text.size()};
}

Error false_end() {
  return {Fault::upstream_closed, Side::upstream, "the stream ended before its API's own end"};
}

// A member that we had no token for was passed over, not tried.
unsigned attempts_made(const telemetry::AccessRecord& record) {
  const auto passed_over = routing::name_of(routing::OutcomeKind::no_credential);
  const auto made = std::count_if(record.attempts.begin(), record.attempts.end(),
                                  [&](const auto& each) { return each.outcome != passed_over; });
  return static_cast<unsigned>(made);
}

// A chunk of ours may be taken out: then the length that was announced is not that of what goes on.
http::BodyFraming framing_of(const RequestContext& context, const Attempt& attempt) {
  http::BodyFraming framing = framing_for_client(attempt.answer(), context.head.version);
  const bool may_shrink = context.is_usage_added && framing.kind == http::Framing::length;
  if (!may_shrink) return framing;
  const bool reads_chunks = context.head.version == http::Version::http_1_1;
  framing.kind = reads_chunks ? http::Framing::chunked : http::Framing::until_close;
  return framing;
}

}  // namespace

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

ClientResponse response_about(const RequestContext& context, const Attempt& attempt) {
  const config::ResponseHeaders& shown = context.snapshot->configuration.server.response_headers;
  ClientResponse response;
  if (shown.request_id) response.request_id = context.record.request_id;
  if (shown.backend) response.backend = attempt.backend().name;
  if (shown.attempts) response.attempts = attempts_made(context.record);
  response.client_version = context.head.version;
  if (!attempt.answer().fields.find("date")) {
    response.date = context.worker.date.at(context.record.time + context.record.first_byte);
  }
  return response;
}

Relay::Relay(RequestContext& context, Attempt& attempt, AfterRequest when_complete)
    : context_(context),
      attempt_(attempt),
      exchange_(attempt.exchange()),
      observer_(attempt.observer()),
      framing_(framing_of(context, attempt)),
      when_complete_(framing_.kind == http::Framing::until_close ? AfterRequest::close
                                                                 : when_complete) {}

void Relay::begin() {
  context_.record.status = attempt_.answer().status;
  context_.record.backend = attempt_.backend().name;
  context_.record.first_byte = attempt_.ended() - context_.began;
  ClientResponse response = response_about(context_, attempt_);
  response.framing = framing_;
  response.keeps_alive = when_complete_ == AfterRequest::keep_alive;
  head_.reserve(kUsualHead);
  append_interims(head_, attempt_.answer(), context_.head.version);
  append_client_head(head_, attempt_.answer(), response);
}

net::Task<AfterRequest> Relay::run() {
  begin();
  auto piece = first_bytes();
  Result<void> passed;
  while (piece) {
    // A client that reads slowly is not the backend's pause.
    attempt_.set_total_deadline();
    auto written = try_pass_on(piece.value());
    net::TryResult tried;
    if (!written && is_for_end_of_turn(context_, pieces_)) {
      co_await context_.client.stream.try_write_later(pieces_, tried);
      written = take_written(context_, pieces_, tried);
    }
    if (!written) written = co_await write_to_client(context_, pieces_, tried.outcome);
    passed = std::move(*written);
    if (!passed || exchange_.is_body_done()) break;
    attempt_.set_deadline(context_.pool->configured().timeouts.idle, "idle");
    piece = co_await next_piece();
    if (exchange_.closed()) piece = *exchange_.closed();
    if (piece) observer_.observe(piece.value());
  }
  if (!piece) passed = piece.error();
  if (passed && is_cut_) passed = false_end();
  note_usage();
  if (passed) co_return complete();
  const Error error = passed.error();
  co_return co_await break_off(error);
}

void Relay::note_usage() {
  context_.record.events = observer_.reader().event_count();
  if (context_.record.attempts.empty()) return;
  context_.record.attempts.back().tokens = token_counts_of(observer_.usage());
}

AfterRequest Relay::complete() {
  exchange_.finish(attempt_.answer());
  context_.record.ending = telemetry::Ending::complete;
  return when_complete_;
}

// What has come together with the head goes out together with the head.
Result<std::string_view> Relay::first_bytes() {
  if (!attempt_.held().empty()) return attempt_.held();
  const auto piece = exchange_.take_buffered_body();
  if (piece) observer_.observe(piece.value());
  return piece;
}

// The framing is whole, the stream is not (behaviour §10).
bool Relay::is_truncated() const {
  return exchange_.is_body_done() && observer_.is_event_stream() &&
         attempt_.answer().status == 200 && !observer_.reader().is_complete();
}

net::Task<Result<std::string_view>> Relay::next_piece() {
  const base::Duration silence = context_.pool->configured().sse_keepalive;
  const bool is_kept_alive =
      silence > base::Duration::zero() && observer_.is_event_stream() && is_chunked();
  return is_kept_alive ? next_piece_in_silence(silence) : exchange_.read_body_piece();
}

// Silence longer than sse_keepalive is filled with comments, between whole events only.
net::Task<Result<std::string_view>> Relay::next_piece_in_silence(base::Duration silence) {
  for (;;) {
    const auto piece = co_await exchange_.read_body_piece_until(SteadyClock::now() + silence);
    if (!piece || !piece.value().empty() || exchange_.is_body_done()) co_return piece;
    if (!observer_.is_between_events()) continue;
    const auto written = co_await write_own_chunk(kKeepAliveComment);
    if (!written) co_return written.error();
  }
}

// One observed piece, as far as the client takes it at once; nothing: the rest has to wait. The end
// of the body goes out with its last piece, unless it is a false one: without its last byte a body
// of known length is visibly not whole.
std::optional<Result<void>> Relay::try_pass_on(std::string_view observed) {
  using Where = AnswerObserver::Place;
  const bool is_done = exchange_.is_body_done();
  std::string_view bytes = observer_.passed_on(observed, is_done ? Where::at_end : Where::within);
  is_cut_ = is_truncated();
  const bool has_length = framing_.kind == http::Framing::length;
  if (is_cut_ && has_length && !bytes.empty()) bytes.remove_suffix(1);
  return try_write(bytes, is_done && !is_cut_ ? End::last : End::more);
}

// One piece of body with whatever stands before and behind it.
std::optional<Result<void>> Relay::try_write(std::string_view bytes, End end) {
  const bool is_last = end == End::last;
  before_ = std::exchange(head_, {});
  std::string_view behind;
  if (is_chunked()) {
    if (!bytes.empty()) http::append_chunk_header(before_, bytes.size());
    if (!bytes.empty()) behind = is_last ? kChunkEndAndLastChunk : http::kChunkEnd;
    if (bytes.empty() && is_last) behind = http::kLastChunk;
  }
  context_.record.response_bytes += bytes.size();
  pieces_ = {buffer_of(before_), buffer_of(bytes), buffer_of(behind)};
  return try_write_to_client(context_, pieces_);
}

// A chunk that is no part of the backend's answer.
net::Task<Result<void>> Relay::write_own_chunk(std::string_view text) {
  std::string chunk;
  http::append_chunk_header(chunk, text.size());
  chunk += text;
  chunk += http::kChunkEnd;
  auto written = co_await write_to_client(context_, net::asio::buffer(chunk));
  co_return written;
}

net::Task<AfterRequest> Relay::break_off(const Error& error) {
  const bool is_upstream = error.side() == Side::upstream;
  // Nothing of the body came: the head goes out by itself.
  if (!head_.empty()) {
    const auto told = try_write(std::string_view(), End::more);
    if (!told) co_await write_to_client(context_, pieces_);
  }
  context_.record.ending = ending_of(error.fault());
  context_.record.error = error.detail();
  if (is_upstream) attempt_.record(routing::outcome_of_fault(error.fault()), SteadyClock::now());
  exchange_.close(error);
  // Its end would look like that of a whole answer.
  if (framing_.kind == http::Framing::until_close) context_.client.stream.reset_on_close();
  const bool can_tell = is_upstream && observer_.is_event_stream() && is_chunked() &&
                        observer_.is_between_events() && !context_.client.stream.is_closed();
  if (can_tell) {
    const std::string event = aoai::make_stream_error_event(
        aoai::stream_shape_of(context_.path),
        "The backend broke off before the end of this answer: " + error.detail(),
        observer_.reader().event_count());
    const auto told = co_await write_own_chunk(event);
    static_cast<void>(told);  // either way the connection ends here, without a last chunk
  }
  co_return AfterRequest::abort;
}

}  // namespace spillway::gateway
