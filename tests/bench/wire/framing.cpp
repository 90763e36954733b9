#include "bench/wire/framing.hpp"

#include <spillway/base/text.hpp>

#include <algorithm>
#include <charconv>

namespace spillway::bench {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kStatusAt = 9;  // behind "HTTP/1.1 "

std::string_view take_front(std::string_view& input, std::size_t bytes) {
  const std::string_view front = input.substr(0, bytes);
  input.remove_prefix(front.size());
  return front;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::string_view field_in(std::string_view head, std::string_view name) {
  for (auto at = head.find("\r\n"); at != std::string_view::npos;) {
    const auto begin = at + 2;
    at = head.find("\r\n", begin);
    const std::string_view line = head.substr(begin, at - begin);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (!base::equals_ignoring_case(line.substr(0, name.size()), name)) continue;
    return base::trim(line.substr(name.size() + 1));
  }
  return {};
}

void Framing::restart() {
  state_ = State::head;
  head_.clear();
}

unsigned Framing::status() const {
  unsigned status = 0;
  if (head_.size() > kStatusAt + 3)
    std::from_chars(head_.data() + kStatusAt, head_.data() + kStatusAt + 3, status);
  return status;
}

void Framing::skip(std::string_view& input) {
  while (!input.empty() && !is_whole())
    take(input);
}

std::string_view Framing::take(std::string_view& input) {
  switch (state_) {
    case State::head:
      take_head(input);
      return {};
    case State::counted:
    case State::chunk: {
      const std::string_view body = take_front(input, left_);
      left_ -= body.size();
      if (left_ == 0) state_ = state_ == State::counted ? State::whole : State::chunk_end;
      return body;
    }
    case State::until_close:
      return take_front(input, input.size());
    case State::chunk_size:
      take_size_line(input);
      return {};
    case State::chunk_end:
      if (take_front(input, 1) == "\n") state_ = State::chunk_size;
      return {};
    case State::trailer:
      take_trailer(input);
      return {};
    case State::whole:
      return {};
  }
  return {};
}

void Framing::take_head(std::string_view& input) {
  const std::size_t before = head_.size();
  if (const auto end = before == 0 ? input.find(kHeadEnd) : std::string::npos;
      end != std::string::npos) {
    head_ = take_front(input, end + kHeadEnd.size());
    return judge_head();
  }
  head_ += input;
  const auto end = head_.find(kHeadEnd, before < 3 ? 0 : before - 3);  // may lie across two reads
  if (end == std::string::npos) {
    input = {};
    return;
  }
  head_.resize(end + kHeadEnd.size());
  input.remove_prefix(head_.size() - before);
  judge_head();
}

void Framing::judge_head() {
  left_ = 0;
  is_size_over_ = false;
  line_bytes_ = 0;
  const std::string_view length = field_in(head_, "content-length");
  if (!length.empty()) {
    std::from_chars(length.data(), length.data() + length.size(), left_);
    state_ = left_ == 0 ? State::whole : State::counted;
  } else if (!field_in(head_, "transfer-encoding").empty()) {
    state_ = State::chunk_size;
  } else {
    state_ = kind_ == Kind::request ? State::whole : State::until_close;
  }
}

void Framing::take_size_line(std::string_view& input) {
  while (!input.empty()) {
    const char c = take_front(input, 1).front();
    if (c == '\n') {
      state_ = left_ == 0 ? State::trailer : State::chunk;
      is_size_over_ = false;
      return;
    }
    const int digit = hex_value(c);
    if (digit < 0) is_size_over_ = true;
    if (!is_size_over_) left_ = left_ * 16 + static_cast<std::size_t>(digit);
  }
}

void Framing::take_trailer(std::string_view& input) {
  while (!input.empty()) {
    const char c = take_front(input, 1).front();
    if (c != '\n') {
      line_bytes_ += c == '\r' ? 0U : 1U;
      continue;
    }
    if (line_bytes_ == 0) {
      state_ = State::whole;
      return;
    }
    line_bytes_ = 0;
  }
}

}  // namespace spillway::bench
