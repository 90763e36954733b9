#pragma once
// Virtual traffic for the tests of balancing: requests that arrive, run for a while and overlap, on
// a pool whose backends are slow, throttled or sick as a test says. Whole numbers and a fixed seed
// all through, so that every run gives the same figures.

#include "support.hpp"
#include <spillway/routing/retry_policy.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

namespace spillway::routing::test {

struct Span {
  Duration from{};
  Duration until{};

  [[nodiscard]] bool holds(SteadyTime now) const { return now >= at(from) && now < at(until); }
};

/// How one virtual backend behaves.
struct Model {
  /// The window of the request limit, as Azure's.
  static constexpr Duration kWindow = 10s;
  static constexpr Duration kRefusalTakes = 20ms;

  Duration latency = 500ms;  // on average: from half to one and a half of it
  std::size_t limit = 0;     // requests admitted in any kWindow, told in the headers; 0: none
  Span sick{};               // answers 500
  Span barred{};             // answers 429 with a Retry-After of 5 s

  struct Answer {
    Outcome outcome;
    Duration takes;
    aoai::RateLimits limits;
  };

  Answer answer(SteadyTime now, base::Random& random) {
    if (sick.holds(now)) return {answered(500), kRefusalTakes, {}};
    if (barred.holds(now)) return {told_to_wait(429, 5s), kRefusalTakes, {}};
    while (!admitted.empty() && now - admitted.front() >= kWindow)
      admitted.pop_front();
    const bool is_full = limit != 0 && admitted.size() >= limit;
    if (!is_full) admitted.push_back(now);
    aoai::RateLimits limits;
    if (limit != 0) {
      limits.limit_requests = limit;
      limits.remaining_requests = limit - std::min(limit, admitted.size());
    }
    if (is_full) {
      const Duration wait = admitted.front() + kWindow - now;
      return {told_to_wait(429, wait, DelaySource::retry_after_ms), kRefusalTakes, limits};
    }
    const auto jitter = static_cast<std::int64_t>(random.below(1000));
    return {answered(200), latency / 2 + latency / 1000 * jitter, limits};
  }

  std::deque<SteadyTime> admitted{};
};

/// One attempt on one member, as the gateway saw it.
struct Called {
  Duration when;
  std::size_t member;
  unsigned status;
  unsigned in_flight;  // on that deployment, this one included
};

/// One request, once it was over.
struct Ended {
  Duration began;
  Duration took;
  std::size_t member;
  unsigned status;  // 0: refused
  std::uint64_t prompt;
};

struct Record {
  std::vector<Called> calls;
  std::vector<Ended> ends;
};

class Traffic {
 public:
  Traffic(const std::vector<MemberSpec>& members, config::Balance balance)
      : models(members.size()), pool_(members, balance) {}

  /// Requests at this pace (from none to twice the gap between two), until all have ended.
  Record run(Duration from, Duration until, Duration gap) {
    for (Duration when = from; when < until;) {
      events_.push({at(when), requests_.size()});
      requests_.push_back({at(when), next_prompt(random_), {}, {}, {}, 0});
      when += gap / 1000 * static_cast<std::int64_t>(random_.below(2000));
    }
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      const bool wants_attempt = !requests_[event.request].choice || !finish(event);
      if (wants_attempt) start(event);
    }
    return std::move(record_);
  }

  std::vector<Model> models;
  /// Which prompt the next request has, if prompts matter.
  std::function<std::uint64_t(base::Random&)> next_prompt = [](base::Random&) { return 0; };
  /// Whether requests with the same prompt ask for the same member.
  bool binds_prompts = false;

 private:
  struct Request {
    SteadyTime began;
    std::uint64_t prompt;
    std::optional<Choice> choice;
    Model::Answer answer;
    std::vector<std::size_t> tried;
    unsigned attempts = 0;
  };
  struct Event {
    SteadyTime when;
    std::size_t request;

    // The soonest first.
    friend bool operator<(const Event& a, const Event& b) {
      return std::pair(a.when, a.request) > std::pair(b.when, b.request);
    }
  };

  void start(const Event& event) {
    Request& request = requests_[event.request];
    const SteadyTime now = event.when;
    Demand demand = {"gpt-4o"};
    if (binds_prompts) demand.affinity = request.prompt;
    request.choice = pool_->select(demand, request.tried, now, random_.next());
    if (!request.choice) {
      end(request, 0, 0, now);
      return;
    }
    const std::size_t member = request.choice->member;
    request.answer = models[member].answer(now, random_);
    request.tried.push_back(member);
    ++request.attempts;
    const unsigned in_flight = ++running_[member];
    record_.calls.push_back({now - at(0s), member, request.answer.outcome.status, in_flight});
    events_.push({now + request.answer.takes, event.request});
  }

  // Tells what came of the attempt; false if another is to be made.
  bool finish(const Event& event) {
    Request& request = requests_[event.request];
    const SteadyTime now = event.when;
    Lease& lease = request.choice->lease;
    lease.learn_headroom(request.answer.limits, now);
    lease.record(request.answer.outcome, now);
    lease.release();
    --running_[request.choice->member];
    Progress progress;
    progress.attempts = request.attempts;
    const bool is_last = decide(request.answer.outcome, progress) != Decision::try_next;
    if (is_last) {
      end(request, request.choice->member, request.answer.outcome.status, now);
    }
    return is_last;
  }

  void end(const Request& request, std::size_t member, unsigned status, SteadyTime now) {
    record_.ends.push_back(
        {request.began - at(0s), now - request.began, member, status, request.prompt});
  }

  PoolUnderTest pool_;
  base::Random random_{2026};
  Record record_;
  std::vector<Request> requests_;
  std::priority_queue<Event> events_;
  std::map<std::size_t, unsigned> running_;
};

}  // namespace spillway::routing::test
