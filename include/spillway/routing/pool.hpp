#pragma once
// A pool at run time: who may serve a request now (priority groups, breakers, balancing), and who
// is next. Built from the configuration; immutable but for the BackendStates it points to, which
// are shared between workers and outlive it.

#include <spillway/base/time.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/routing/backend_state.hpp>
#include <spillway/routing/balancer.hpp>
#include <spillway/routing/lottery.hpp>
#include <spillway/routing/outcome.hpp>
#include <spillway/routing/retry_budget.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::routing {

struct PoolMember {
  std::size_t backend = 0;  // index into Configuration::backends
  const config::Backend* configured = nullptr;
  unsigned priority = 1;
  unsigned weight = 1;
};

/// What is asked of a pool. Views are valid for the call only.
struct Demand {
  std::string_view deployment;  // as the caller named it; empty: none named, any member will do
  /// Only this backend will do (it alone knows what the request names); empty: any.
  std::string_view backend = {};
  /// Requests with the same value prefer the same member of a group; nothing: no preference.
  std::optional<std::uint64_t> affinity = std::nullopt;
  /// A deployment is named where it can be neither read nor replaced: only members that call every
  /// deployment by its own name will do. With an empty `deployment`.
  bool is_deployment_unread = false;
};

/// A permission to call one member; counts as in flight until it is settled or destroyed (a
/// destroyed, unsettled lease counts as cancelled). Movable; used on one worker.
struct Choice {
  std::size_t member = 0;           // index into Pool::members()
  std::string upstream_deployment;  // what this backend calls it
  Lease lease;
};

/// Why nobody can be chosen.
struct Exhausted {
  bool is_known_deployment = true;  // false: no member serves it at all
  /// The soonest time a member that could serve comes back; nothing if not known.
  std::optional<base::SteadyTime> soonest;
  bool all_throttled = false;  // every member that could serve is out for capacity
  /// Left to the caller of describe_exhaustion(), which also sees it from the outcomes.
  bool all_without_credential = false;
  bool has_usable = false;  // somebody not tried could serve: attempts, not members, ran out

  /// How many of the members that could serve and were not tried are out, by why.
  struct Out {
    unsigned throttled = 0;
    unsigned faulty = 0;
    unsigned refusing = 0;  // our credential
    unsigned missing = 0;   // the deployment
  };
  Out out;
};

class Pool {
 public:
  Pool(const config::Configuration& configuration, const config::Pool& configured,
       BackendStates& states);

  [[nodiscard]] const config::Pool& configured() const { return *configured_; }
  [[nodiscard]] std::span<const PoolMember> members() const { return members_; }

  /// The next member to try: lowest priority number first, not one of `tried` (indices into
  /// members()), breaker willing, by the pool's balance. Any thread. `random` is uniform in 64
  /// bits. Where the demand asks for affinity, that goes before the balance, within the first group
  /// that has somebody.
  [[nodiscard]] std::optional<Choice> select(const Demand& demand,
                                             std::span<const std::size_t> tried,
                                             base::SteadyTime now, std::uint64_t random);

  /// Whether select() would find somebody now.
  [[nodiscard]] bool has_another(const Demand& demand, std::span<const std::size_t> tried,
                                 base::SteadyTime now) const;

  /// What to tell the caller when select() has nobody (behaviour §7); of the one backend only, if
  /// the demand names one. With the members tried the
  /// answer is exact; without, a member that failed and is still closed counts as usable.
  [[nodiscard]] Exhausted explain(const Demand& demand, base::SteadyTime now,
                                  std::span<const std::size_t> tried = {}) const;

  /// Retries after faults, over all requests of this pool.
  [[nodiscard]] RetryBudget& retry_budget() { return *retry_budget_; }

  /// Whether some member could take a request now; for /readyz.
  [[nodiscard]] bool has_usable_member(base::SteadyTime now) const;

 private:
  /// What a member calls a deployment, and what is known of it there.
  struct Served {
    std::string name;
    std::shared_ptr<BackendState> state;
  };
  /// The same for one call: nothing is copied but a pointer.
  struct Serving {
    std::string_view name;                // lives in the demand or in the pool
    std::shared_ptr<BackendState> state;  // nothing if nobody asked for that deployment yet
  };
  struct Runtime {
    std::shared_ptr<Backend> backend;
    std::map<std::string, Served, std::less<>> mapped;  // by what callers ask for
    std::shared_ptr<BackendState> unnamed;              // calls that name no deployment
    bool serves_any = false;
    bool renames = false;        // calls some deployment by another name
    std::uint64_t identity = 0;  // of its name, for affinity
  };
  struct Group {
    explicit Group(std::size_t first_member, std::size_t count)
        : first(first_member), size(count), round_robin(count) {}

    std::size_t first;  // runtimes_in_order_[first, first + size)
    std::size_t size;
    RoundRobin round_robin;
    Lottery by_weight;                                   // of its members
    std::array<std::atomic<std::uint64_t>, 16> turns{};  // of a large group, by deployment
  };
  struct Contenders;  // who could take a request now
  struct Drawn;       // one of them
  /// What select() was asked.
  struct Question {
    const Demand& demand;
    std::span<const std::size_t> tried;
    base::SteadyTime now;
  };

  void add_members(const config::Configuration& configuration);
  void make_groups();
  [[nodiscard]] std::optional<Serving> serve(const Runtime& member, const Demand& demand) const;
  [[nodiscard]] Candidate candidate(std::size_t member, std::size_t place,
                                    const BackendState* state, base::SteadyTime now) const;
  [[nodiscard]] bool would_admit(const Runtime& member, const BackendState* state,
                                 base::SteadyTime now) const;
  [[nodiscard]] static bool has_usable_deployment(const Runtime& member, base::SteadyTime now);
  void collect(const Group& group, const Question& question, Contenders& found) const;
  [[nodiscard]] bool may_sample(const Group& group, const Demand& demand) const;
  [[nodiscard]] std::optional<Choice> sample(Group& group, const Question& question,
                                             std::uint64_t random) const;
  [[nodiscard]] std::optional<Drawn> draw(Group& group, const Question& question,
                                          base::Random& random, const Drawn* excluded) const;
  [[nodiscard]] std::size_t take_turn(Group& group, const Question& question) const;
  [[nodiscard]] std::optional<Choice> choose(std::size_t member, Serving& serving,
                                             const Question& question) const;
  std::size_t pick(Group& group, const Contenders& found, const Demand& demand,
                   std::uint64_t random) const;

  const config::Pool* configured_;
  BackendStates* states_;
  std::vector<PoolMember> members_;
  std::vector<Runtime> runtimes_;         // beside members_
  std::vector<std::size_t> by_priority_;  // indices into members_, grouped
  std::vector<std::unique_ptr<Group>> groups_;
  std::unique_ptr<RetryBudget> retry_budget_;
};

}  // namespace spillway::routing
