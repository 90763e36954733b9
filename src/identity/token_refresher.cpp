#include <spillway/identity/token_refresher.hpp>

#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <chrono>
#include <random>

namespace spillway::identity {
namespace {

using telemetry::LogLevel;

// How long a refused token, or a clock that was moved, may go unnoticed.
constexpr base::Duration kTokenLook = std::chrono::milliseconds(200);

std::string names_of(const TokenRefresher::Sources& sources) {
  std::string names;
  for (const auto& source : sources)
    names += (names.empty() ? "" : ", ") + source->name();
  return names;
}

bool heals_by_itself(FailureKind kind) {
  return kind == FailureKind::passing || kind == FailureKind::restarting;
}

}  // namespace

TokenRefresher::TokenRefresher(const FetchSurroundings& surroundings,
                               const config::Credential& credential, Sources sources,
                               OnEvent on_event)
    : executor_(surroundings.transport.executor),
      clock_(surroundings.clock),
      fetcher_(surroundings, credential),
      sources_(std::move(sources)),
      on_event_(std::move(on_event)),
      names_(names_of(sources_)),
      random_(std::random_device()()),
      schedule_(clock_.steady_now()) {
  publish_status();
}

void TokenRefresher::serve(Sources sources) {
  for (const auto& source : sources)
    source->take_over(*sources_.front());
  sources_ = std::move(sources);
  names_ = names_of(sources_);
}

double TokenRefresher::jitter() {
  return static_cast<double>(random_.below(1U << 20U)) / static_cast<double>(1U << 20U);
}

void TokenRefresher::publish_status() {
  CredentialStatus status = schedule_.status();
  status.source = fetcher_.source();
  for (const auto& source : sources_)
    source->set_status(status);
}

net::Task<void> TokenRefresher::run() {
  for (;;) {
    co_await wait_until_due();
    if (is_stopped_) co_return;
    schedule_.note_began();
    publish_status();
    const Fetched fetched = co_await fetcher_.fetch();
    tell_source();
    if (const auto* token = std::get_if<Token>(&fetched)) {
      accept(*token);
    } else {
      refuse(std::get<FetchFailure>(fetched));
    }
  }
}

net::Task<void> TokenRefresher::wait_until_due() {
  net::Timer timer(executor_);
  for (base::SteadyTime now = clock_.steady_now(); now < schedule_.next_fetch() && !is_stopped_;
       now = clock_.steady_now()) {
    timer.expires_after(std::min(schedule_.next_fetch() - now, kTokenLook));
    boost::system::error_code ignored;
    co_await timer.async_wait(net::asio::redirect_error(net::use_task, ignored));
    if (take_refused()) schedule_.note_refused(clock_.steady_now());
  }
}

bool TokenRefresher::take_refused() {
  bool is_refused = false;
  for (const auto& source : sources_)
    is_refused = source->take_refused() || is_refused;
  return is_refused;
}

void TokenRefresher::tell_source() {
  if (fetcher_.source() == told_source_) return;
  told_source_ = fetcher_.source();
  on_event_(LogLevel::info, "credential_resolved",
            {{"credential", names_}, {"source", told_source_}});
}

void TokenRefresher::accept(const Token& token) {
  const bool was_failing = schedule_.failures_in_a_row() > 0;
  schedule_.note_token(token, jitter());
  // Whoever sees the token, or is told of it, finds it in the status.
  publish_status();
  for (const auto& source : sources_)
    source->set_token(token.text, token.expires_at);
  if (was_failing) on_event_(LogLevel::info, "token_refreshed", {{"credential", names_}});
}

void TokenRefresher::refuse(const FetchFailure& failure) {
  const base::SteadyTime now = clock_.steady_now();
  const News news = schedule_.note_failure(failure, now, jitter());
  publish_status();
  const bool is_passing = heals_by_itself(failure.kind);
  if (!is_passing && news == News::again) return;
  const bool is_bearable = is_passing && schedule_.has_token(now);
  on_event_(is_bearable ? LogLevel::warning : LogLevel::error, "token_fetch_failed",
            {{"credential", names_},
             {"source", fetcher_.source()},
             {"failures", std::to_string(schedule_.failures_in_a_row())},
             {"why", failure.description}});
}

}  // namespace spillway::identity
