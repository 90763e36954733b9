#include "simulator/admission.hpp"

#include <algorithm>
#include <cmath>

namespace spillway::simulator {
namespace {

std::uint64_t share_of_minute(std::uint64_t per_minute, milliseconds window) {
  constexpr std::uint64_t kMinuteMs = 60'000;
  const auto length = static_cast<std::uint64_t>(window.count());
  return (per_minute * length + kMinuteMs - 1) / kMinuteMs;
}

Paygo paygo_or_default(const AdmissionMode& mode) {
  const auto* paygo = std::get_if<Paygo>(&mode);
  return paygo != nullptr ? *paygo : Paygo{};
}

SlidingWindow token_window(const AdmissionMode& mode) {
  const auto paygo = paygo_or_default(mode);
  return {share_of_minute(paygo.tokens_per_minute, paygo.token_window), paygo.token_window};
}

SlidingWindow request_window(const AdmissionMode& mode) {
  const auto paygo = paygo_or_default(mode);
  return {share_of_minute(paygo.requests_per_minute, paygo.request_window), paygo.request_window};
}

milliseconds round_up(std::chrono::steady_clock::duration time) {
  return std::max(std::chrono::ceil<milliseconds>(time), milliseconds(1));
}

}  // namespace

void SlidingWindow::forget_before(SteadyTime now) {
  while (!entries_.empty() && entries_.front().when + length_ <= now) {
    sum_ -= entries_.front().amount;
    entries_.pop_front();
  }
}

void SlidingWindow::add(std::uint64_t amount, SteadyTime now) {
  entries_.push_back({now, amount});
  sum_ += amount;
}

milliseconds SlidingWindow::time_until_room(std::uint64_t amount, SteadyTime now) const {
  std::uint64_t left = sum_;
  for (const auto& entry : entries_) {
    left -= entry.amount;
    if (left + amount <= limit_) return round_up(entry.when + length_ - now);
  }
  return length_;
}

Admission::Admission(const AdmissionMode& mode)
    : mode_(mode), tokens_(token_window(mode)), requests_(request_window(mode)) {}

Verdict Admission::admit(std::uint64_t cost, SteadyTime now) {
  if (is_paygo()) return admit_paygo(cost, now);
  if (const auto* ptu = std::get_if<Ptu>(&mode_)) return admit_provisioned(*ptu, cost, now);
  return {};
}

Verdict Admission::admit_paygo(std::uint64_t cost, SteadyTime now) {
  tokens_.forget_before(now);
  requests_.forget_before(now);
  if (!requests_.has_room(1)) return {Limit::requests, requests_.time_until_room(1, now)};
  if (!tokens_.has_room(cost)) return {Limit::tokens, tokens_.time_until_room(cost, now)};
  requests_.add(1, now);
  tokens_.add(cost, now);
  return {};
}

Verdict Admission::admit_provisioned(const Ptu& ptu, std::uint64_t cost, SteadyTime now) {
  const double level = utilisation(now) * ptu.capacity_tokens;
  level_ = level;
  level_at_ = now;
  if (level >= ptu.capacity_tokens) {
    const double seconds = (level - ptu.capacity_tokens) / ptu.drain_per_second;
    return {Limit::throughput, milliseconds(static_cast<std::int64_t>(seconds * 1'000) + 1)};
  }
  level_ += static_cast<double>(cost);
  return {};
}

double Admission::utilisation(SteadyTime now) const {
  const auto* ptu = std::get_if<Ptu>(&mode_);
  if (ptu == nullptr || !level_at_) return 0;
  const double elapsed = std::chrono::duration<double>(now - *level_at_).count();
  return std::max(0.0, level_ - elapsed * ptu->drain_per_second) / ptu->capacity_tokens;
}

void Admission::reset() {
  *this = Admission(AdmissionMode(mode_));
}

}  // namespace spillway::simulator
