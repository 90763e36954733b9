#include "reactor.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace spillway::net {
namespace {

constexpr std::chrono::milliseconds kAtOnce{0};
// So many writes wait for each other, so long: with 8 there was half of the gain, with 128 no more
// (docs/decisions/0016), and a crowd of TLS handshakes in the same turn takes 400 µs each.
constexpr std::size_t kMostLate = 32;
constexpr std::chrono::milliseconds kLongestDelay{2};
constexpr unsigned kLooksAtClock = 2;  // after so many events
// Both directions from the start: a socket is entered once and never again.
constexpr std::uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

base::Descriptor opened(int descriptor, const char* call) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), call);
  return base::Descriptor(descriptor);
}

}  // namespace

bool Reactor::is_of_backend(const epoll_event& event) {
  const auto* const readiness = static_cast<const Readiness*>(event.data.ptr);
  return readiness != nullptr && readiness->side_ == base::Side::upstream;
}

asio::execution_context::id Reactor::id;

// Asks Asio for the next turn. What is left over when something that was told throws is told in a
// turn of its own.
struct Reactor::NextTurn {
  Reactor& reactor;
  ~NextTurn() {
    reactor.is_turning_ = false;
    if (reactor.alarm_.is_open()) return;
    if (reactor.is_anything_left()) {
      asio::post(reactor.executor_, [&from = reactor] { from.tell(); });
    } else if (reactor.waiters_ > 0) {
      reactor.arm();
    }
  }
};

Reactor::Reactor(asio::execution_context& context)
    : asio::execution_context::service(context),
      executor_(static_cast<asio::io_context&>(context).get_executor()),
      epoll_(opened(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {}

Reactor& Reactor::of(const Executor& executor) {
  return asio::use_service<Reactor>(static_cast<asio::execution_context&>(executor.context()));
}

// The coroutines that wait go with the event loop. One that goes may take others with it.
void Reactor::shutdown() {
  const std::vector<LateWrite> late = std::exchange(late_, {});
  const std::vector<LateWrite> written = std::exchange(written_, {});
  while (first_ != nullptr) {
    Readiness& gone = *first_;
    remove(gone);
    gone.is_closed_ = true;
    const Continuation reader = std::move(gone.reader_);
    const Continuation callback = std::move(gone.callback_);
    const Continuation writer = std::move(gone.writer_);
  }
  if (watched_) static_cast<void>(watched_->release());
  watched_.reset();
}

bool Reactor::add(Readiness& readiness) {
  epoll_event event{};
  event.events = kEvents;
  event.data.ptr = &readiness;
  if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, readiness.descriptor_, &event) != 0) {
    return false;
  }
  readiness.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &readiness;
  first_ = &readiness;
  return true;
}

void Reactor::remove(Readiness& readiness) {
  (readiness.previous_ != nullptr ? readiness.previous_->next_ : first_) = readiness.next_;
  if (readiness.next_ != nullptr) readiness.next_->previous_ = readiness.previous_;
  readiness.previous_ = readiness.next_ = nullptr;
  for (std::size_t i = next_; i < count_; ++i)
    if (events_[i].data.ptr == &readiness) events_[i].data.ptr = nullptr;
}

void Reactor::stop_watching(int descriptor) {
  ::epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void Reactor::count_waiter() {
  ++waiters_;
  if (!is_turning_ && !alarm_.is_open()) arm();
}

void Reactor::discount_waiter() {
  --waiters_;
  if (waiters_ > 0 || !is_armed_) return;
  boost::system::error_code ignored;
  watched_->cancel(ignored);  // else the io_context would never run out of work
}

void Reactor::arm() {
  if (is_armed_) return;
  if (!watched_) watched_.emplace(executor_, epoll_.number());
  is_armed_ = true;
  watched_->async_wait(Watched::wait_read, [this](const boost::system::error_code&) {
    is_armed_ = false;
    wait(kAtOnce);
    tell();
  });
}

void Reactor::drive() {
  alarm_ = opened(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;  // each write is told, and the number is never read
  ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, alarm_.number(), &event);
}

void Reactor::wake() const {
  const std::uint64_t one = 1;
  static_cast<void>(::write(alarm_.number(), &one, sizeof(one)) == sizeof(one));
}

void Reactor::wait(std::chrono::milliseconds most) {
  if (is_anything_left()) return;
  const int count = ::epoll_wait(epoll_.number(), events_.data(), static_cast<int>(events_.size()),
                                 static_cast<int>(most.count()));
  next_ = 0;
  count_ = count < 0 ? 0 : static_cast<std::size_t>(count);
  const auto begin = events_.begin();
  const auto first_client = std::partition(begin, begin + count_, is_of_backend);
  first_client_ = static_cast<std::size_t>(first_client - begin);
}

void Reactor::tell() {
  is_turning_ = true;
  const NextTurn next_turn{*this};
  go_on();
  while (next_ < count_) {
    if (next_ == first_client_) write_and_go_on();
    const epoll_event event = events_[next_];
    ++next_;
    if (event.data.ptr != nullptr) static_cast<Readiness*>(event.data.ptr)->tell(event.events);
    if (is_late_enough()) write_and_go_on();
  }
  write_and_go_on();
}

void Reactor::write_later(LateWrite write) {
  if (late_.empty()) {
    late_since_ = base::SteadyClock::now();
    told_since_ = 0;
  }
  late_.push_back(std::move(write));
}

bool Reactor::is_late_enough() {
  if (late_.empty()) return false;
  if (late_.size() >= kMostLate) return true;
  return ++told_since_ % kLooksAtClock == 0 &&
         base::SteadyClock::now() - late_since_ >= kLongestDelay;
}

void Reactor::write_and_go_on() {
  // Swapped first: should one throw, nothing is written twice, and those not tried have failed.
  written_.swap(late_);
  for (const LateWrite& write : written_)
    if (!write.stream->is_closed()) *write.result = write.stream->try_write(*write.pieces);
  go_on();
}

void Reactor::go_on() {
  while (next_written_ < written_.size()) {
    Continuation going = std::move(written_[next_written_].go_on);
    ++next_written_;
    going();
  }
  written_.clear();
  next_written_ = 0;
}

}  // namespace spillway::net
