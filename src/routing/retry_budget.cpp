#include <spillway/routing/retry_budget.hpp>

namespace spillway::routing {

void RetryBudget::note_request(base::SteadyTime now) {
  const std::lock_guard lock(mutex_);
  counts_.add_total(now);
}

void RetryBudget::note_caller_retry(base::SteadyTime now) {
  const std::lock_guard lock(mutex_);
  counts_.add_marked(now);
}

bool RetryBudget::has_retry(base::SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  return is_allowed(now);
}

bool RetryBudget::take_retry(base::SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (!is_allowed(now)) return false;
  counts_.add_marked(now);
  return true;
}

bool RetryBudget::is_allowed(base::SteadyTime now) const {
  if (percent_ >= 100) return true;
  const SlidingCounts::Sums sums = counts_.sums(kInterval, now);
  return sums.marked < kAlwaysAllowed || (sums.marked + 1) * 100 <= sums.total * percent_;
}

}  // namespace spillway::routing
