#include "bench/wire/poller.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <unistd.h>

namespace spillway::bench {
namespace {

constexpr std::size_t kScratchBytes = 64U << 10U;
constexpr int kEventsPerTurn = 256;

}  // namespace

Poller::Poller()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), scratch_(kScratchBytes), events_(kEventsPerTurn) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

Poller::~Poller() {
  ::close(epoll_);
}

Watched& Poller::adopt(std::unique_ptr<Watched> who) {
  Watched& there = *who;
  watched_.emplace(&there, std::move(who));
  return there;
}

void Poller::watch(int descriptor, std::uint32_t events, Watched& who) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &who;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Poller::change(int descriptor, std::uint32_t events, Watched& who) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &who;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
}

void Poller::retire(Watched& who) {
  const auto found = watched_.find(&who);
  if (found == watched_.end()) return;
  retired_.push_back(std::move(found->second));
  watched_.erase(found);
}

void Poller::turn(Clock::time_point deadline) {
  hand_out(wait(std::max(Clock::duration::zero(), deadline - Clock::now())));
}

int Poller::wait(Clock::duration most) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(most);
  timespec patience{};
  patience.tv_sec = seconds.count();
  patience.tv_nsec = std::chrono::nanoseconds(most - seconds).count();
  const int count = epoll_pwait2(epoll_, events_.data(), kEventsPerTurn, &patience, nullptr);
  // Before Linux 5.11, and where a container's filter does not know it.
  if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return count;
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(most);
  return epoll_wait(epoll_, events_.data(), kEventsPerTurn, static_cast<int>(whole.count()));
}

void Poller::turn() {
  hand_out(epoll_wait(epoll_, events_.data(), kEventsPerTurn, -1));
}

void Poller::hand_out(int count) {
  for (int i = 0; i < count; ++i) {
    const auto& event = events_[static_cast<std::size_t>(i)];
    static_cast<Watched*>(event.data.ptr)->on_ready(event.events);
  }
  retired_.clear();
}

}  // namespace spillway::bench
