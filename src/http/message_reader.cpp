#include <spillway/http/head_parser.hpp>
#include <spillway/http/message_reader.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace spillway::http {
namespace {

constexpr std::size_t kFirstRead = 16U << 10U;  // a TLS record; most messages need no more
// What comes with the head of an answer goes out with it, in one write: embeddings are 20 KB.
constexpr std::size_t kFirstReadOfAnswer = 64U << 10U;
constexpr std::size_t kLargestRead = 64U << 10U;
constexpr std::size_t kLargestStraightRead = 128U << 10U;  // then others have their turn
constexpr std::size_t kLeastRoom = 2U << 10U;  // a read into less is not worth its system call
constexpr unsigned kMaxBlankLines = 2;
constexpr std::span<char> kNowhereElse;  // but into the buffer

base::Fault closed_fault(base::Side side) {
  return side == base::Side::upstream ? base::Fault::upstream_closed : base::Fault::client_gone;
}

}  // namespace

MessageReader::MessageReader(net::Stream& stream, Limits limits, base::Side side)
    : stream_(stream), limits_(limits), side_(side), room_wanted_(kFirstRead) {}

std::optional<base::Result<RequestHead>> MessageReader::take_request_head() {
  using Head = base::Result<RequestHead>;
  if (auto error = begin_head()) return Head(std::move(*error));
  const auto raw = find_raw_head(*scanner_);
  if (raw && !*raw) return std::nullopt;
  scanner_.reset();
  if (!raw) return Head(raw.error());
  return take_head(parse_request_head(**raw, limits_), (**raw).size());
}

net::Task<base::Result<RequestHead>> MessageReader::read_request_head() {
  for (;;) {
    if (auto head = take_request_head()) co_return std::move(*head);
    if (has_to_wait()) co_await stream_.wait_readable();
    auto came = try_read_stream({}, kFirstRead);
    if (!came) came = co_await read_stream(kNowhereElse, kFirstRead);
    if (auto error = note_head_read(*came)) co_return std::move(*error);
  }
}

std::optional<base::Result<ResponseHead>> MessageReader::take_response_head(
    std::string_view request_method) {
  using Head = base::Result<ResponseHead>;
  if (auto error = begin_head()) return Head(std::move(*error));
  while (!has_too_many_interims()) {
    const auto raw = find_raw_head(*scanner_);
    if (raw && !*raw) return std::nullopt;
    scanner_.reset();
    if (!raw) return Head(raw.error());
    const std::size_t raw_bytes = (**raw).size();
    auto head = take_head(parse_response_head(**raw, request_method, limits_), raw_bytes);
    if (!head) return head;
    if (head->status >= 200 || head->status == 101) {
      head->interims = std::exchange(interims_, {});
      interim_count_ = 0;
      interim_bytes_ = 0;
      return head;
    }
    keep_interim(std::move(*head), raw_bytes);
    scanner_.emplace(limits_, side_);
  }
  scanner_.reset();
  return Head(refuse(Refusal(400, "more interim responses before the final one than the limit of " +
                                      std::to_string(limits_.interim_responses) + " and " +
                                      std::to_string(limits_.header_bytes) + " bytes")));
}

std::optional<base::Result<ResponseHead>> MessageReader::receive_response_head(
    std::string_view request_method) {
  if (auto error = begin_head()) return base::Result<ResponseHead>(std::move(*error));
  const auto came = try_read_stream({}, kFirstReadOfAnswer);
  if (!came) return std::nullopt;
  if (auto error = note_head_read(*came)) return base::Result<ResponseHead>(std::move(*error));
  return take_response_head(request_method);
}

net::Task<base::Result<ResponseHead>> MessageReader::read_response_head(
    std::string_view request_method) {
  // The caller's text may be gone before the answer comes.
  const std::string method(request_method);
  for (;;) {
    if (auto head = take_response_head(method)) co_return std::move(*head);
    if (has_to_wait()) co_await stream_.wait_readable();
    auto came = try_read_stream({}, kFirstReadOfAnswer);
    if (!came) came = co_await read_stream(kNowhereElse, kFirstReadOfAnswer);
    if (auto error = note_head_read(*came)) co_return std::move(*error);
  }
}

bool MessageReader::has_too_many_interims() const {
  return interim_count_ > limits_.interim_responses || interim_bytes_ > limits_.header_bytes;
}

// A 100 answers our own Expect, if anything (RFC 9110 §15.2); others are passed on.
void MessageReader::keep_interim(ResponseHead head, std::size_t raw_bytes) {
  ++interim_count_;
  interim_bytes_ += raw_bytes;
  if (head.status == 100) return;
  interims_.push_back({head.status, std::move(head.reason), std::move(head.fields)});
}

std::optional<base::Error> MessageReader::begin_head() {
  if (scanner_) return std::nullopt;  // it was begun
  if (failure_) return failure_;
  if (!is_body_done()) {
    return base::Error(base::Fault::internal, base::Side::gateway,
                       "a head was to be read before the end of the body before it");
  }
  blank_lines_ = 0;
  has_begun_ = false;
  scanner_.emplace(limits_, side_);
  return std::nullopt;
}

base::Result<std::optional<std::string_view>> MessageReader::find_raw_head(HeadScanner& scanner) {
  using Found = std::optional<std::string_view>;
  if (side_ != base::Side::upstream) skip_blank_lines();
  if (buffer_.empty()) return Found();
  has_begun_ = true;
  // A CR alone may be half of a blank line that is to be skipped.
  if (buffer_.view() == "\r" && blank_lines_ < kMaxBlankLines && side_ != base::Side::upstream) {
    return Found();
  }
  const auto end = scanner.scan(buffer_.view());
  if (!end) return refuse(end.error());
  return *end ? Found(buffer_.view().substr(0, **end)) : Found();
}

std::optional<base::Error> MessageReader::note_head_read(const base::Result<std::size_t>& came) {
  if (came && *came > 0) return std::nullopt;
  scanner_.reset();
  return came ? keep_failure(closed_in_head()) : came.error();
}

void MessageReader::skip_blank_lines() {
  while (blank_lines_ < kMaxBlankLines && buffer_.view().starts_with("\r\n")) {
    buffer_.consume(2);
    ++blank_lines_;
    has_begun_ = false;
  }
}

// An answer may take minutes, and a thousand streams mostly wait.
bool MessageReader::has_to_wait() {
  buffer_.release();
  return !stream_.may_read_on();
}

std::optional<base::Result<std::size_t>> MessageReader::try_read_stream(std::span<char> elsewhere,
                                                                        std::size_t at_least) {
  using Came = base::Result<std::size_t>;
  if (stream_.is_closed()) return Came(net::failure_of(stream_));
  const net::asio::mutable_buffer room =
      elsewhere.empty() ? room_for(at_least)
                        : net::asio::mutable_buffer(elsewhere.data(), elsewhere.size());
  const net::TryResult read = stream_.try_read(room);
  wants_write_ = read.outcome == net::Try::wants_write;
  if (read.outcome == net::Try::failed) return Came(net::failure_of(stream_));
  if (read.outcome != net::Try::done) return std::nullopt;
  if (elsewhere.empty()) buffer_.commit(read.bytes);
  return Came(read.bytes);
}

net::Task<base::Result<std::size_t>> MessageReader::read_stream(std::span<char> elsewhere,
                                                                std::size_t at_least) {
  for (;;) {
    if (wants_write_) co_await stream_.wait_writable();
    if (has_to_wait()) co_await stream_.wait_readable();
    auto came = try_read_stream(elsewhere, at_least);
    if (came) co_return std::move(*came);
  }
}

net::asio::mutable_buffer MessageReader::room_for(std::size_t at_least) {
  const std::span<char> room = buffer_.room(buffer_.empty() ? at_least : kLeastRoom);
  return {room.data(), room.size()};
}

template <class Head>
base::Result<Head> MessageReader::take_head(Judged<Head> judged, std::size_t raw_bytes) {
  if (!judged) return refuse(judged.error());
  buffer_.consume(raw_bytes);
  framing_ = judged->body.kind;
  left_ = judged->body.length;
  if (framing_ == Framing::chunked) chunks_.emplace(limits_, side_);
  return std::move(*judged);
}

net::Task<base::Result<std::string_view>> MessageReader::read_body_piece() {
  for (;;) {
    const base::Result<std::string_view> piece = take_buffered_body();
    if (!piece || !piece->empty() || is_body_done()) co_return piece;
    if (has_to_wait()) co_await stream_.wait_readable();
    auto came = try_read_stream({}, room_wanted_);
    if (!came) came = co_await read_stream(kNowhereElse, room_wanted_);
    if (const auto noted = note_body_read(*came); !noted) co_return noted.error();
  }
}

net::Task<base::Result<std::size_t>> MessageReader::read_body_into(std::span<char> room) {
  if (failure_) co_return *failure_;
  assert(!room.empty() && buffer_.empty());
  const std::span<char> next = room.first(std::min(room.size(), kLargestStraightRead));
  if (has_to_wait()) co_await stream_.wait_readable();
  auto came = try_read_stream(next, 0);
  if (!came) came = co_await read_stream(next, 0);
  if (const auto noted = note_body_read(*came); !noted) co_return noted.error();
  left_ -= came->value();
  if (left_ == 0) framing_ = Framing::none;
  co_return std::move(*came);
}

base::Result<void> MessageReader::note_body_read(const base::Result<std::size_t>& came) {
  if (!came) return keep_failure(cut_short(came.error()));
  if (*came == 0 && framing_ == Framing::until_close) {
    framing_ = Framing::none;
    return {};
  }
  if (*came == 0) return keep_failure(cut_short(std::nullopt));
  if (*came == buffer_.capacity()) room_wanted_ = std::min(room_wanted_ * 2, kLargestRead);
  return {};
}

base::Result<std::string_view> MessageReader::take_available_body() {
  for (;;) {
    const base::Result<std::string_view> piece = take_buffered_body();
    if (!piece || !piece->empty() || is_body_done()) return piece;
    const net::TryResult read = stream_.try_read(room_for(room_wanted_));
    if (read.outcome == net::Try::wants_read || read.outcome == net::Try::wants_write) {
      return std::string_view();
    }
    if (read.outcome == net::Try::done) buffer_.commit(read.bytes);
    const base::Result<std::size_t> came =
        read.outcome == net::Try::done ? base::Result<std::size_t>(read.bytes)
                                       : base::Result<std::size_t>(net::failure_of(stream_));
    if (const auto noted = note_body_read(came); !noted) return noted.error();
  }
}

base::Result<std::string_view> MessageReader::take_buffered_body() {
  if (failure_) return *failure_;
  if (is_body_done() || buffer_.empty()) return std::string_view();
  if (framing_ == Framing::chunked) return take_chunked();
  std::string_view piece = buffer_.view();
  if (framing_ == Framing::length) {
    piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece.size())));
    left_ -= piece.size();
    if (left_ == 0) framing_ = Framing::none;
  }
  buffer_.consume(piece.size());
  return piece;
}

base::Result<std::string_view> MessageReader::take_chunked() {
  const auto progress = chunks_->decode(buffer_.bytes());
  if (!progress) {
    problem_status_ = 400;
    passed_bound_ = chunks_->passed();
    return keep_failure(progress.error());
  }
  const std::string_view piece = buffer_.view().substr(0, progress->body);
  buffer_.consume(progress->consumed);
  if (chunks_->is_done()) {
    framing_ = Framing::none;
    chunks_.reset();
  }
  return piece;
}

void MessageReader::push_back_input(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::span<char> room = buffer_.room(bytes.size());
  std::copy(bytes.begin(), bytes.end(), room.begin());
  buffer_.commit(bytes.size());
}

Heard MessageReader::listen_for_response() {
  constexpr std::size_t status_offset = 9;  // "HTTP/1.1 429"
  Heard heard = Heard::nothing;
  while (!has_too_many_interims()) {
    const bool has_ended = !take_what_is_there();
    const bool is_status_known = buffer_.size() > status_offset;
    if (is_status_known && buffer_.view()[status_offset] != '1') return Heard::final;
    if (!is_status_known || !take_interim_head()) return has_ended ? Heard::final : heard;
    heard = Heard::interim;
  }
  return Heard::final;  // it will be refused
}

bool MessageReader::take_what_is_there() {
  if (buffer_.size() >= kFirstRead) return true;
  const net::TryResult came = stream_.try_read(room_for(kFirstRead));
  if (came.outcome == net::Try::done) buffer_.commit(came.bytes);
  buffer_.fit();
  return came.outcome != net::Try::failed && (came.outcome != net::Try::done || came.bytes > 0);
}

// What is wrong with it, and a switch of protocols, is left to read_response_head().
bool MessageReader::take_interim_head() {
  HeadScanner scanner(limits_, side_);
  const auto end = scanner.scan(buffer_.view());
  if (!end || !*end) return false;
  auto head = parse_response_head(buffer_.view().substr(0, **end), "POST", limits_);
  if (!head || head->status == 101) return false;
  buffer_.consume(**end);
  keep_interim(std::move(*head), **end);
  return true;
}

base::Error MessageReader::refuse(const Refusal& refusal) {
  problem_status_ = refusal.status();
  passed_bound_ = refusal.passed();
  return keep_failure(refusal.to_error(side_));
}

base::Error MessageReader::keep_failure(base::Error error) {
  failure_ = error;
  return error;
}

base::Error MessageReader::closed_in_head() const {
  const bool is_upstream = side_ == base::Side::upstream;
  std::string detail;
  if (has_begun_ && !buffer_.empty()) {
    detail = "closed after " + std::to_string(buffer_.size()) + " bytes of a head";
  } else if (has_begun_) {
    detail = "closed after an interim response";
  } else {
    detail = is_upstream ? "closed before any byte of the answer" : "closed between requests";
  }
  return {closed_fault(side_), side_, std::move(detail)};
}

base::Error MessageReader::cut_short(const std::optional<base::Error>& cause) const {
  // A deadline or a drain closed it: that is the reason, not what was missing.
  if (cause && cause->fault() != closed_fault(side_)) return *cause;
  std::string detail =
      cause ? cause->detail() + "; body cut short" : "closed before the body's end";
  if (framing_ == Framing::length) {
    detail += ", " + std::to_string(left_) + " bytes missing";
  } else if (framing_ == Framing::chunked && chunks_->chunk_bytes_left() > 0) {
    detail += ", " + std::to_string(chunks_->chunk_bytes_left()) + " bytes of a chunk missing";
  } else if (framing_ == Framing::chunked) {
    detail += ", the last chunk missing";
  }
  return {closed_fault(side_), side_, std::move(detail)};
}

}  // namespace spillway::http
