#include "bench/wire/channel.hpp"

#include <sys/epoll.h>
#include <utility>

namespace spillway::bench {

Channel::Channel(Poller& poller, Conduit conduit)
    : poller_(poller), conduit_(std::move(conduit)), interest_(EPOLLIN) {
  poller_.watch(conduit_.descriptor(), interest_, *this);
}

void Channel::send(std::string_view bytes, Bytes kind) {
  if (!is_open()) return;
  if (has_backlog()) {  // only the floor and paced events come here: short pieces
    std::string all(waiting_);
    all += bytes;
    kept_ = std::move(all);
    waiting_ = kept_;
    return;
  }
  waiting_ = bytes;
  flush();
  if (has_backlog() && kind == Bytes::passing) {
    kept_ = std::string(waiting_);
    waiting_ = kept_;
  }
  update_interest();
}

void Channel::flush() {
  while (has_backlog()) {
    const Moved moved = conduit_.write(waiting_);
    if (moved.step != Step::moved) return;  // an end shows when it is read
    waiting_.remove_prefix(moved.bytes);
  }
}

void Channel::pause_reading() {
  is_reading_ = false;
  update_interest();
}

void Channel::resume_reading() {
  is_reading_ = true;
  update_interest();
}

void Channel::update_interest() {
  if (!is_open()) return;
  std::uint32_t wanted = is_reading_ ? EPOLLIN : 0U;
  if (has_backlog()) wanted |= conduit_.wants_input() ? EPOLLIN : EPOLLOUT;
  if (wanted == interest_) return;
  interest_ = wanted;
  poller_.change(conduit_.descriptor(), interest_, *this);
}

void Channel::close() {
  if (!is_open()) return;
  conduit_.close();
  waiting_ = {};
  poller_.retire(*this);
}

void Channel::on_ready(std::uint32_t events) {
  if (!is_open()) return;  // closed by an earlier event of this turn
  if (has_backlog()) {
    flush();
    update_interest();
    if (!has_backlog()) on_drained();
  }
  const bool has_input = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
  if (!is_open() || !has_input) return;
  if (!is_reading_ && (events & (EPOLLHUP | EPOLLERR)) == 0) return;
  std::vector<char>& room = poller_.scratch();
  const Moved moved = conduit_.read(room);
  if (moved.step == Step::moved) on_bytes({room.data(), moved.bytes});
  if (moved.step == Step::ended) on_end();
}

}  // namespace spillway::bench
