#pragma once
// Who gets in: the request and token windows of a pay-as-you-go deployment and the utilisation
// bucket of a provisioned one. Pure; time is an argument. Not thread-safe.

#include "simulator/config.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace spillway::simulator {

using SteadyTime = std::chrono::steady_clock::time_point;

enum class Limit { none, tokens, requests, throughput };

struct Verdict {
  Limit exceeded = Limit::none;
  /// Until a request of the same cost would be let in; at least 1 ms.
  milliseconds retry_after{0};

  [[nodiscard]] bool is_admitted() const { return exceeded == Limit::none; }
};

/// Events of a sliding window and their sum.
class SlidingWindow {
 public:
  SlidingWindow(std::uint64_t limit, milliseconds length) : limit_(limit), length_(length) {}

  void forget_before(SteadyTime now);
  void add(std::uint64_t amount, SteadyTime now);
  [[nodiscard]] bool has_room(std::uint64_t amount) const { return sum_ + amount <= limit_; }
  /// Until `amount` fits; the whole length where it never does.
  [[nodiscard]] milliseconds time_until_room(std::uint64_t amount, SteadyTime now) const;
  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  [[nodiscard]] std::uint64_t remaining() const { return sum_ < limit_ ? limit_ - sum_ : 0; }

 private:
  struct Entry {
    SteadyTime when;
    std::uint64_t amount;
  };
  std::deque<Entry> entries_;
  std::uint64_t sum_ = 0;
  std::uint64_t limit_;
  milliseconds length_;
};

class Admission {
 public:
  explicit Admission(const AdmissionMode& mode);

  /// Charges the request if it is let in. `cost` is in admission tokens (prompt.hpp).
  Verdict admit(std::uint64_t cost, SteadyTime now);
  void reset();

  [[nodiscard]] bool is_provisioned() const { return std::holds_alternative<Ptu>(mode_); }
  [[nodiscard]] bool is_paygo() const { return std::holds_alternative<Paygo>(mode_); }
  [[nodiscard]] const SlidingWindow& tokens() const { return tokens_; }
  [[nodiscard]] const SlidingWindow& requests() const { return requests_; }
  /// 1.0 is 100 %; above it nobody gets in.
  [[nodiscard]] double utilisation(SteadyTime now) const;

 private:
  Verdict admit_paygo(std::uint64_t cost, SteadyTime now);
  Verdict admit_provisioned(const Ptu& ptu, std::uint64_t cost, SteadyTime now);

  AdmissionMode mode_;
  SlidingWindow tokens_;
  SlidingWindow requests_;
  double level_ = 0;
  std::optional<SteadyTime> level_at_;
};

}  // namespace spillway::simulator
