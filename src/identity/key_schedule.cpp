#include "shortened.hpp"
#include <spillway/identity/key_schedule.hpp>

#include <algorithm>
#include <utility>

namespace spillway::identity {
namespace {

using base::Duration;

constexpr double kKeyRefreshJitter = 0.10;
constexpr double kKeyBackoffJitter = 0.25;
constexpr Duration kFirstKeyBackoff = std::chrono::seconds(1);
constexpr Duration kMostKeyBackoff = std::chrono::minutes(5);

}  // namespace

base::Duration key_backoff(unsigned failures, double jitter) {
  Duration wait = kFirstKeyBackoff;
  for (unsigned i = 1; i < failures && wait < kMostKeyBackoff; ++i)
    wait *= 2;
  return shortened(std::min(wait, kMostKeyBackoff), kKeyBackoffJitter * jitter);
}

void KeySchedule::note_fetched(base::SteadyTime now, double jitter) {
  is_fetching_ = false;
  was_fetched_ = true;
  failures_ = 0;
  last_error_.clear();
  next_fetch_ = now + shortened(kKeyRefresh, kKeyRefreshJitter * jitter);
}

void KeySchedule::note_failure(std::string description, base::SteadyTime now, double jitter) {
  is_fetching_ = false;
  ++failures_;
  last_error_ = std::move(description);
  next_fetch_ = now + key_backoff(failures_, jitter);
}

void KeySchedule::note_unknown_key(base::SteadyTime now) {
  if (failures_ != 0) return;
  const auto earliest =
      last_unknown_key_ ? std::max(now, *last_unknown_key_ + kUnknownKeyPause) : now;
  if (earliest >= next_fetch_) return;
  next_fetch_ = earliest;
  last_unknown_key_ = earliest;
}

EntraKeysStatus::State KeySchedule::state() const {
  using State = EntraKeysStatus::State;
  if (failures_ != 0) return State::failing;
  return is_fetching_ || !was_fetched_ ? State::refreshing : State::ok;
}

bool are_keys_stale(base::SteadyTime fetched_at, base::SteadyTime now) {
  return now - fetched_at >= kKeysGoodFor;
}

}  // namespace spillway::identity
