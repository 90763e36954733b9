#include "reactor.hpp"
#include <spillway/net/readiness.hpp>

#include <boost/asio/post.hpp>

#include <utility>

namespace spillway::net {

Readiness::Readiness(const Executor& executor, int descriptor, base::Side side)
    : executor_(executor), reactor_(Reactor::of(executor)), descriptor_(descriptor), side_(side) {
  is_watched_ = reactor_.add(*this);
}

Readiness::~Readiness() {
  taken(reader_);
  taken(callback_);
  taken(writer_);
  if (is_watched_ && !is_closed_) reactor_.remove(*this);
}

void Readiness::begin_wait_readable(Continuation go_on) {
  wait_or_go_on(reader_, is_readable_, std::move(go_on));
}

void Readiness::begin_wait_writable(Continuation go_on) {
  wait_or_go_on(writer_, is_writable_, std::move(go_on));
}

bool Readiness::has_turn_more() const {
  return reactor_.has_more_to_tell();
}

void Readiness::begin_write_later(Stream& stream, const Pieces& pieces, TryResult& result,
                                  Continuation go_on) {
  result.outcome = Try::failed;  // should the stream be closed meanwhile
  reactor_.write_later({&stream, &pieces, &result, std::move(go_on)});
}

void Readiness::on_readable(Continuation callback) {
  wait_or_go_on(callback_, is_readable_, std::move(callback));
}

void Readiness::wait_or_go_on(Continuation& waiting, bool is_ready, Continuation continuation) {
  if (is_ready || is_closed_) {
    post(std::move(continuation));
    return;
  }
  waiting = std::move(continuation);
  reactor_.count_waiter();
}

Continuation Readiness::taken(Continuation& waiting) {
  if (waiting) reactor_.discount_waiter();
  return std::move(waiting);
}

void Readiness::post(Continuation continuation) {
  if (continuation) asio::post(executor_, std::move(continuation));
}

void Readiness::tell(std::uint32_t events) {
  constexpr std::uint32_t kOver = EPOLLHUP | EPOLLERR;
  if ((events & (kOver | EPOLLRDHUP)) != 0) has_ended_ = true;
  if ((events & (EPOLLIN | EPOLLRDHUP | kOver)) != 0) is_readable_ = true;
  if ((events & (EPOLLOUT | kOver)) != 0) is_writable_ = true;
  if (is_writable_) post(taken(writer_));
  if (!is_readable_) return;
  Continuation reader = taken(reader_);
  Continuation callback = taken(callback_);
  if (!reader) std::swap(reader, callback);
  post(std::move(callback));
  // Without the way over the event loop's queue, and last: it may destroy this.
  if (reader) reader();
}

void Readiness::close() {
  if (is_closed_) return;
  is_closed_ = true;
  if (is_watched_) reactor_.remove(*this);
  post(taken(reader_));
  post(taken(callback_));
  post(taken(writer_));
}

void Readiness::leave() {
  if (is_closed_) return;
  close();
  if (is_watched_) reactor_.stop_watching(descriptor_);
}

}  // namespace spillway::net
