#include "bench/drive/caller.hpp"

#include "bench/wire/stamp.hpp"

#include <utility>

namespace spillway::bench {

Caller::Caller(Poller& poller, Conduit conduit, Audience& audience)
    : Channel(poller, std::move(conduit)), audience_(audience) {}

void Caller::ask(std::string_view request, Clock::time_point since) {
  answer_ = Answer{};
  answer_.asked = since;
  has_body_begun_ = false;
  framing_.restart();
  send(request, Bytes::lasting);
}

void Caller::on_bytes(std::string_view bytes) {
  while (!bytes.empty() && !framing_.is_whole()) {
    const bool was_head = !framing_.is_head_whole();
    const std::string_view piece = framing_.take(bytes);
    if (was_head && framing_.is_head_whole())
      is_stream_ = framing_.head().find("text/event-stream") != std::string_view::npos;
    if (!piece.empty()) take_body(piece);
  }
  if (!framing_.is_whole()) return;
  answer_.status = framing_.status();
  answer_.whole = Clock::now();
  audience_.on_answer(*this, answer_);
}

void Caller::take_body(std::string_view piece) {
  if (!has_body_begun_) {
    has_body_begun_ = true;
    answer_.first_body = Clock::now();
  }
  if (!is_stream_) return;
  if (carried_.empty()) {
    carried_ = count_events(piece);
  } else {
    const std::string text = carried_ + std::string(piece);
    carried_ = count_events(text);
  }
}

// What is left of the text may be the beginning of a mark.
std::string_view Caller::count_events(std::string_view text) {
  const auto now = now_ns();
  for (;;) {
    const auto at = text.find(kStampMark);
    if (at == std::string_view::npos) {
      constexpr std::size_t longest = kStampMark.size() - 1;
      return text.substr(text.size() - std::min(longest, text.size()));
    }
    if (text.size() < at + kStampMark.size() + kNoStamp.size()) return text.substr(at);
    text.remove_prefix(at + kStampMark.size());
    const std::int64_t sent = read_stamp(text.substr(0, kNoStamp.size()));
    if (sent != 0) audience_.on_event(now - sent);  // what ends a stream is not stamped
  }
}

void Caller::on_end() {
  close();
  audience_.on_loss(*this);
}

}  // namespace spillway::bench
