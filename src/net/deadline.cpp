#include <spillway/net/deadline.hpp>

#include <algorithm>
#include <utility>

namespace spillway::net {

Deadline::Deadline(DeadlineWheel& wheel, std::function<void()> on_expiry)
    : wheel_(wheel), on_expiry_(std::move(on_expiry)) {}

Deadline::~Deadline() {
  unlink();
}

void Deadline::set(base::SteadyTime when) {
  when_ = when;
  is_expired_ = false;
  // Later than filed: the wheel finds that out when the filed time comes.
  if (head_ == nullptr || when < filed_for_) {
    unlink();
    wheel_.file(*this);
  }
}

void Deadline::set_after(base::Duration duration) {
  set(wheel_.now() + duration);
}

void Deadline::clear() {
  when_ = base::SteadyTime::max();
}

void Deadline::unlink() {
  if (head_ == nullptr) return;
  if (previous_ != nullptr) {
    previous_->next_ = next_;
  } else {
    *head_ = next_;
  }
  if (next_ != nullptr) next_->previous_ = previous_;
  previous_ = next_ = nullptr;
  head_ = nullptr;
}

void DeadlineWheel::file(Deadline& deadline) {
  // One tick past the time, so that a deadline never runs early.
  const std::int64_t wanted = tick_of(deadline.when_) + 1;
  const auto horizon = position_ + static_cast<std::int64_t>(kSlots) - 1;
  const std::int64_t tick = std::clamp(wanted, position_ + 1, horizon);
  Deadline*& head = slots_[static_cast<std::size_t>(tick) % kSlots];
  deadline.filed_for_ = deadline.when_;
  deadline.head_ = &head;
  deadline.next_ = head;
  if (head != nullptr) head->previous_ = &deadline;
  head = &deadline;
}

void DeadlineWheel::turn_slot(std::size_t slot) {
  // Taken off one by one: an action may destroy or set other deadlines of the same slot.
  while (Deadline* deadline = slots_[slot]) {
    deadline->unlink();
    if (deadline->when_ <= now_) {
      deadline->when_ = base::SteadyTime::max();
      deadline->is_expired_ = true;
      deadline->on_expiry_();
    } else if (deadline->when_ != base::SteadyTime::max()) {
      file(*deadline);
    }
  }
}

void DeadlineWheel::advance(base::SteadyTime now) {
  now_ = std::max(now_, now);
  const std::int64_t target = tick_of(now_);
  // After a long stall every slot is due once; turning it more often finds nothing new.
  const std::int64_t turns = std::min(target - position_, static_cast<std::int64_t>(kSlots));
  position_ = target - std::max<std::int64_t>(turns, 0);
  for (std::int64_t turn = 0; turn < turns; ++turn) {
    ++position_;
    turn_slot(static_cast<std::size_t>(position_) % kSlots);
  }
}

}  // namespace spillway::net
