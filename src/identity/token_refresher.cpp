#include <spillway/base/secret.hpp>
#include <spillway/identity/token_refresher.hpp>
#include <spillway/identity/token_request.hpp>
#include <spillway/upstream/fetch.hpp>

#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <random>

namespace spillway::identity {
namespace {

using base::SteadyClock;
using telemetry::LogLevel;
using Fetched = std::variant<Token, FetchFailure>;

constexpr auto kFetchTime = std::chrono::seconds(10);
// How long a refused token may go unnoticed.
constexpr auto kLook = std::chrono::milliseconds(200);

upstream::FetchRequest fetch_request_of(const TokenRequest& token_request) {
  upstream::FetchRequest request;
  request.method = token_request.method;
  request.target = token_request.target;
  for (const auto& field : token_request.fields)
    request.fields.add(field.name, field.value);
  request.body = token_request.body;
  return request;
}

// A lifetime counts from when the token was asked for: its authority counts from when it was
// issued, which is before the answer is here.
Fetched read_answer(upstream::FetchAnswer& answer, base::SteadyTime asked) {
  if (answer.head.status != 200) {
    const auto fields = answer.head.fields.views();
    return read_token_refusal(answer.head.status, fields, answer.body);
  }
  auto token = parse_token_answer(answer.body, asked, std::chrono::system_clock::now());
  base::wipe(answer.body);
  if (!token) return failure_of(token.error());
  return std::move(token.value());
}

}  // namespace

TokenRefresher::TokenRefresher(upstream::Transport& transport, net::Resolver& resolver,
                               const config::Credential& credential, Environment environment,
                               std::shared_ptr<CredentialSource> source, OnEvent on_event)
    : transport_(transport),
      resolver_(resolver),
      credential_(credential),
      environment_(std::move(environment)),
      source_(std::move(source)),
      on_event_(std::move(on_event)),
      random_(std::random_device()()),
      schedule_(SteadyClock::now()),
      authority_(find_authority()) {
  source_->set_status(schedule_.status());
}

std::shared_ptr<const upstream::Target> TokenRefresher::find_authority() {
  const auto request = make_token_request(credential_, environment_);
  if (!request) {
    authority_problem_ = request.error().detail();
    return nullptr;
  }
  const Origin& origin = request.value().origin;
  auto target = std::make_shared<upstream::Target>();
  target->name = "credential " + credential_.name;
  target->host = origin.host;
  target->port = origin.port;
  target->authority = upstream::authority_of(origin.host, origin.port, origin.is_tls ? 443 : 80);
  target->server_name = origin.host;
  if (origin.is_tls) {
    auto tls = net::TlsContext::for_client(std::nullopt);
    if (!tls) {
      authority_problem_ = tls.error().detail();
      return nullptr;
    }
    target->tls = std::move(tls.value());
  }
  resolver_.watch(origin.host);
  return target;
}

double TokenRefresher::jitter() {
  return static_cast<double>(random_.below(1U << 20U)) / static_cast<double>(1U << 20U);
}

net::Task<void> TokenRefresher::run() {
  for (;;) {
    co_await wait_until_due();
    schedule_.note_began();
    source_->set_status(schedule_.status());
    const Fetched fetched = co_await try_fetch();
    if (const auto* token = std::get_if<Token>(&fetched)) {
      accept(*token);
    } else {
      refuse(std::get<FetchFailure>(fetched));
    }
    source_->set_status(schedule_.status());
  }
}

net::Task<void> TokenRefresher::wait_until_due() {
  net::Timer timer(transport_.executor);
  while (SteadyClock::now() < schedule_.next_fetch()) {
    timer.expires_at(std::min(schedule_.next_fetch(), SteadyClock::now() + kLook));
    boost::system::error_code ignored;
    co_await timer.async_wait(net::asio::redirect_error(net::use_task, ignored));
    if (source_->take_refused()) schedule_.note_refused(SteadyClock::now());
  }
}

// An exception is a failed fetch like another: without this coroutine no token would ever come.
net::Task<Fetched> TokenRefresher::try_fetch() {
  FetchFailure failure;
  try {
    co_return co_await fetch_token();
  } catch (const std::exception& thrown) {
    failure.description = std::string("internal: ") + thrown.what();
  }
  co_return Fetched(std::move(failure));
}

net::Task<Fetched> TokenRefresher::fetch_token() {
  const auto token_request = make_token_request(credential_, environment_);
  if (!authority_ || !token_request) {
    const base::Error problem(base::Fault::internal, base::Side::gateway, authority_problem_);
    FetchFailure failure = failure_of(problem);
    failure.is_lasting = true;
    co_return Fetched(std::move(failure));
  }
  const upstream::FetchRequest request = fetch_request_of(token_request.value());
  const base::SteadyTime asked = SteadyClock::now();
  auto answer = co_await upstream::fetch(transport_, authority_, request, kFetchTime);
  if (!answer) co_return Fetched(failure_of(answer.error()));
  co_return read_answer(answer.value(), asked);
}

void TokenRefresher::accept(const Token& token) {
  const bool was_failing = schedule_.failures_in_a_row() > 0;
  source_->set_token(token.text, token.expires_at);
  schedule_.note_token(token, jitter());
  if (was_failing) {
    on_event_(LogLevel::info, "token_refreshed", {{"credential", credential_.name}});
  }
}

void TokenRefresher::refuse(const FetchFailure& failure) {
  schedule_.note_failure(failure, SteadyClock::now(), jitter());
  on_event_(LogLevel::error, "token_fetch_failed",
            {{"credential", credential_.name},
             {"failures", std::to_string(schedule_.failures_in_a_row())},
             {"why", failure.description}});
}

}  // namespace spillway::identity
