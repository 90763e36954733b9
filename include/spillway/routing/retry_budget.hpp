#pragma once
// How many retries after faults a pool may still make (behaviour §10): a share of the requests of
// the last ten seconds, so that a sick pool is not finished off by its own retries. Moving on after
// a 429 is not counted. Clockless, bounded, any thread.

#include <spillway/base/time.hpp>
#include <spillway/routing/sliding_window.hpp>

#include <cstdint>
#include <mutex>

namespace spillway::routing {

class RetryBudget {
 public:
  static constexpr base::Duration kInterval = std::chrono::seconds(10);
  /// In any interval this many are allowed whatever the share.
  static constexpr std::uint64_t kAlwaysAllowed = 10;

  /// 100 percent or more: no limit.
  explicit RetryBudget(unsigned percent) : percent_(percent), counts_(kInterval) {}

  /// Once for each request of a caller.
  void note_request(base::SteadyTime now);
  /// In addition, if the caller says that this is its own retry (x-stainless-retry-count above 0).
  void note_caller_retry(base::SteadyTime now);

  /// Whether one more retry would be within the budget; for Progress::has_budget.
  [[nodiscard]] bool has_retry(base::SteadyTime now) const;
  /// Takes a retry if there is one; when the retry is made.
  bool take_retry(base::SteadyTime now);

 private:
  [[nodiscard]] bool is_allowed(base::SteadyTime now) const;

  const unsigned percent_;
  mutable std::mutex mutex_;
  SlidingCounts counts_;  // total: requests, marked: retries
};

}  // namespace spillway::routing
