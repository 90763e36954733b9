#include "bench/backend/serving.hpp"

#include <algorithm>
#include <utility>

namespace spillway::bench {
namespace {

// Where a body says that it is a stream: load writes it in front, soak behind a short prompt.
constexpr std::size_t kBodyFrontBytes = 2048;

// Of a stream without pauses, before it is another stream's turn.
constexpr unsigned kBurst = 50;

}  // namespace

Serving::Serving(Poller& poller, Conduit conduit, Answers& answers, Pacer& pacer)
    : Channel(poller, std::move(conduit)), answers_(answers), pacer_(pacer) {}

void Serving::on_bytes(std::string_view bytes) {
  while (!bytes.empty() && is_open()) {
    const std::string_view body = request_.take(bytes);
    if (body_front_.size() < kBodyFrontBytes)
      body_front_ += body.substr(0, kBodyFrontBytes - body_front_.size());
    if (!request_.is_whole()) continue;
    answer();
    request_.restart();
    body_front_.clear();
  }
}

void Serving::on_end() {
  if (is_booked_) pacer_.cancel(booked_, *this);
  close();
}

void Serving::answer() {
  const BackendAnswer answer = answers_.next(request_.head(), body_front_);
  send(answer.bytes, Bytes::lasting);
  if (answer.is_cut) return on_end();
  if (answer.plan.events == 0) return;
  stream_ = answer;
  book(Clock::now() + stream_.plan.gap);
}

void Serving::book(Clock::time_point when) {
  booked_ = when;
  is_booked_ = true;
  pacer_.book(booked_, *this);
}

void Serving::on_due(Clock::time_point now) {
  is_booked_ = false;
  const auto gap = stream_.plan.gap;
  // A reader that does not keep up gets its events later, not all at once in memory.
  if (has_backlog()) return book(now + std::max(gap, std::chrono::milliseconds(1)));
  unsigned at_once = gap.count() == 0 ? kBurst : 1;
  for (; at_once > 0 && stream_.plan.events > 0 && !has_backlog(); --at_once) {
    send(answers_.stamped_event(), Bytes::passing);
    --stream_.plan.events;
  }
  if (stream_.plan.events > 0) return book(booked_ + gap);
  send(stream_.tail, Bytes::lasting);
}

}  // namespace spillway::bench
