#include <spillway/http/chunked_decoder.hpp>
#include <spillway/http/field_rules.hpp>

#include <algorithm>
#include <cstring>

namespace spillway::http {
namespace {

constexpr unsigned kMaxSizeDigits = 15;  // 60 bits: sums of sizes stay far from overflow

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_control(char c) {
  const auto code = static_cast<unsigned char>(c);
  return (code < 0x20 && c != '\t') || code == 0x7F;
}

}  // namespace

base::Result<ChunkedDecoder::Progress> ChunkedDecoder::decode(std::span<char> input) {
  Progress progress;
  while (progress.consumed < input.size() && state_ != State::done && state_ != State::failed) {
    if (state_ != State::chunk_bytes) {
      state_ = next_state(input[progress.consumed++]);
      continue;
    }
    const auto bytes =
        static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - progress.consumed));
    if (progress.body != progress.consumed) {
      std::memmove(&input[progress.body], &input[progress.consumed], bytes);
    }
    progress.body += bytes;
    progress.consumed += bytes;
    left_ -= bytes;
    if (left_ == 0) state_ = State::chunk_cr;
  }
  if (state_ != State::failed) return progress;
  const auto fault =
      side_ == base::Side::upstream ? base::Fault::upstream_malformed : base::Fault::bad_request;
  return base::Error(fault, side_, std::string("chunked body: ") + broken_rule_);
}

ChunkedDecoder::State ChunkedDecoder::next_state(char c) {
  switch (state_) {
    case State::size:
    case State::size_blank:
      return in_size_line(c);
    case State::extension:
      return in_extension(c);
    case State::size_lf:
      if (c != '\n') return fail("bare CR in a size line");
      line_bytes_ = 0;
      digits_ = 0;
      return left_ == 0 ? State::line_start : State::chunk_bytes;
    case State::chunk_cr:
      return c == '\r' ? State::chunk_lf : fail("chunk longer than its size");
    case State::chunk_lf:
      return c == '\n' ? State::size : fail("no CRLF behind a chunk");
    case State::line_start:
    case State::trailer_name:
    case State::trailer_value:
    case State::trailer_lf:
      return in_trailer(c);
    case State::last_lf:
      return c == '\n' ? State::done : fail("bare CR at the end");
    case State::chunk_bytes:
    case State::done:
    case State::failed:
      break;
  }
  return state_;
}

ChunkedDecoder::State ChunkedDecoder::in_size_line(char c) {
  if (++line_bytes_ > limits_.chunk_overhead_line_bytes)
    return fail("size line over the limit", Bound::chunk_extensions);
  if (const int value = hex_value(c); value >= 0 && state_ == State::size) {
    if (digits_ == 0) left_ = 0;
    if (++digits_ > kMaxSizeDigits) return fail("chunk size of more than 15 digits");
    left_ = left_ * 16 + static_cast<unsigned>(value);
    return State::size;
  }
  if (digits_ == 0) return fail("no chunk size");
  if (c == ';' || is_blank(c)) {
    if (++extension_bytes_ > limits_.chunk_extension_bytes)
      return fail("extensions over the limit", Bound::chunk_extensions);
    return c == ';' ? State::extension : State::size_blank;
  }
  if (c == '\r' && state_ == State::size) return State::size_lf;
  return fail("chunk size is not hexadecimal");
}

ChunkedDecoder::State ChunkedDecoder::in_extension(char c) {
  if (c == '\r') return State::size_lf;
  if (is_control(c)) return fail("control character in a chunk extension");
  if (++line_bytes_ > limits_.chunk_overhead_line_bytes)
    return fail("size line over the limit", Bound::chunk_extensions);
  if (++extension_bytes_ > limits_.chunk_extension_bytes)
    return fail("extensions over the limit", Bound::chunk_extensions);
  return State::extension;
}

ChunkedDecoder::State ChunkedDecoder::in_trailer(char c) {
  if (state_ == State::line_start && c == '\r') return State::last_lf;
  if (++trailer_bytes_ > limits_.trailer_bytes)
    return fail("trailers over the limit", Bound::trailers);
  if (state_ == State::trailer_lf) {
    return c == '\n' ? State::line_start : fail("bare CR in a trailer");
  }
  if (state_ == State::trailer_value) {
    if (c == '\r') return State::trailer_lf;
    return is_control(c) ? fail("control character in a trailer") : State::trailer_value;
  }
  if (is_token_char(c)) return State::trailer_name;
  const bool is_name_end = state_ == State::trailer_name && c == ':';
  return is_name_end ? State::trailer_value : fail("trailer is not a field line");
}

ChunkedDecoder::State ChunkedDecoder::fail(const char* rule, Bound passed) {
  broken_rule_ = rule;
  passed_ = passed;
  return State::failed;
}

}  // namespace spillway::http
