#include <spillway/routing/exhaustion.hpp>
#include <spillway/routing/retry_policy.hpp>

#include <algorithm>

namespace spillway::routing {
namespace {

// Why nobody is left: the attempts of this request and the members that were out before, together.
struct Causes {
  unsigned throttled = 0;
  unsigned faulty = 0;
  unsigned refusing = 0;
  unsigned missing = 0;
  unsigned without_credential = 0;

  [[nodiscard]] unsigned sum() const {
    return throttled + faulty + refusing + missing + without_credential;
  }
  [[nodiscard]] bool is_only(unsigned cause) const { return cause > 0 && cause == sum(); }
};

Causes causes_of(std::span<const Outcome> outcomes) {
  Causes causes;
  for (const Outcome& outcome : outcomes) {
    switch (outcome.kind) {
      case OutcomeKind::throttled:
        ++causes.throttled;
        break;
      case OutcomeKind::credential_refused:
        ++causes.refusing;
        break;
      case OutcomeKind::deployment_missing:
        ++causes.missing;
        break;
      case OutcomeKind::no_credential:
        ++causes.without_credential;
        break;
      default:
        ++causes.faulty;
        break;
    }
  }
  return causes;
}

void add(Causes& causes, const Exhausted::Out& out) {
  causes.throttled += out.throttled;
  causes.faulty += out.faulty;
  causes.refusing += out.refusing;
  causes.missing += out.missing;
}

// The soonest known recovery. Where a breaker did not open (several failures are asked for), what
// the backends said themselves is all there is to go by; bounded, for SDKs take it as an order.
std::optional<base::Duration> recovery_time(std::span<const Outcome> outcomes,
                                            const Exhausted& exhausted, base::SteadyTime now) {
  if (exhausted.soonest) return std::max(*exhausted.soonest - now, base::Duration::zero());
  std::optional<base::Duration> least;
  for (const Outcome& outcome : outcomes) {
    if (outcome.delay.duration <= base::Duration::zero()) continue;
    const base::Duration said = std::min(outcome.delay.duration, kLongestDelayPassedOn);
    least = std::min(least.value_or(said), said);
  }
  return least;
}

std::string subject(std::string_view pool, std::string_view deployment) {
  std::string text = "pool '" + std::string(pool) + "'";
  if (!deployment.empty()) text += " for deployment '" + std::string(deployment) + "'";
  return text;
}

Exhaustion unknown_deployment(std::string_view pool, std::string_view deployment) {
  return {404, "DeploymentNotFound",
          "No backend of pool '" + std::string(pool) + "' serves deployment '" +
              std::string(deployment) + "'. Check the name, or map it under `deployments`.",
          std::nullopt, true};
}

Exhaustion missing_deployment(const std::string& who) {
  return {404, "DeploymentNotFound",
          "The backends of " + who +
              " answer that the deployment does not exist there. Check the names that it is mapped "
              "to.",
          std::nullopt, true};
}

Exhaustion refused_credential(const std::string& who) {
  return {
      502, "spillway_backend_credential",
      "The backends of " + who +
          " refuse the gateway's own credential. The caller's key is not at fault; the operator "
          "has to check the gateway's role assignments or keys.",
      std::nullopt, true};
}

Exhaustion malformed_answer(const std::string& who) {
  return {502, "spillway_bad_gateway",
          "The backends of " + who +
              " answer with something that is not valid HTTP/1.1, so that nothing of it was passed "
              "on.",
          std::nullopt, false};
}

// Whoever was called gave an answer that has no sure meaning.
bool is_malformed(std::span<const Outcome> outcomes) {
  return !outcomes.empty() &&
         std::all_of(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) {
           return outcome.fault == base::Fault::upstream_malformed;
         });
}

Exhaustion no_credential(const std::string& who) {
  return {503, "spillway_no_credential",
          "The gateway has no token for the backends of " + who +
              " at the moment. The caller's key is not at fault.",
          std::nullopt, false};
}

}  // namespace

std::uint64_t retry_after_seconds(base::Duration retry_after) {
  const auto whole = std::chrono::ceil<std::chrono::seconds>(retry_after).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(whole, 0)) + 1;
}

std::uint64_t retry_after_milliseconds(base::Duration retry_after) {
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(retry_after).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(whole, 1));
}

Exhaustion describe_exhaustion(std::string_view pool, std::string_view deployment,
                               std::span<const Outcome> outcomes, const Exhausted& exhausted,
                               base::SteadyTime now) {
  if (!exhausted.is_known_deployment) return unknown_deployment(pool, deployment);
  const std::string who = subject(pool, deployment);
  const Causes tried = causes_of(outcomes);
  Causes all = tried;
  // With somebody usable left it was the attempts that ran out, and they alone are the reason.
  if (!exhausted.has_usable) add(all, exhausted.out);

  if (exhausted.all_without_credential || all.is_only(all.without_credential)) {
    return no_credential(who);
  }
  if (all.is_only(all.missing)) return missing_deployment(who);
  if (all.refusing > 0 && all.is_only(all.refusing + all.missing)) return refused_credential(who);

  const auto retry_after = recovery_time(outcomes, exhausted, now);
  if (all.is_only(all.throttled) || (outcomes.empty() && exhausted.all_throttled)) {
    return {429, "spillway_pool_throttled",
            "Every backend of " + who + " is at its rate limit. Try again after the time given.",
            retry_after, false};
  }
  if (!outcomes.empty() && outcomes.back().fault == base::Fault::timed_out) {
    return {504, "spillway_pool_timeout", "The backends of " + who + " did not answer in time.",
            retry_after, false};
  }
  if (is_malformed(outcomes)) return malformed_answer(who);
  return {503, "spillway_pool_unavailable",
          "No backend of " + who +
              " can serve the request now: none is left that is neither "
              "failing nor at its rate limit.",
          retry_after, false};
}

}  // namespace spillway::routing
