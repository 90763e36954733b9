#include <spillway/base/secret.hpp>
#include <spillway/identity/token_fetcher.hpp>
#include <spillway/identity/token_preparation.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace spillway::identity {
namespace {

constexpr auto kRequestTime = std::chrono::seconds(10);

upstream::FetchRequest fetch_request_of(const TokenRequest& token_request) {
  upstream::FetchRequest request;
  request.method = token_request.method;
  request.target = token_request.target;
  for (const auto& field : token_request.fields)
    request.secret_fields.push_back({field.name, field.value});
  request.body = token_request.body;
  return request;
}

bool is_arc(const TokenIdentity& identity) {
  const auto* managed = std::get_if<ManagedSource>(&identity);
  return managed != nullptr && managed->host == ManagedHost::arc;
}

}  // namespace

TokenFetcher::TokenFetcher(FetchSurroundings surroundings, config::Credential credential)
    : surroundings_(std::move(surroundings)), credential_(std::move(credential)) {
  const auto identity = resolve_identity(credential_.kind, surroundings_.environment);
  source_ = describe(identity);
  const auto prepared = prepare_token_request(identity, credential_, surroundings_.environment,
                                              surroundings_.clock.wall_now());
  // What is wrong is said by the first fetch.
  if (const auto* request = std::get_if<TokenRequest>(&prepared)) aim_at(request->origin, identity);
}

// The connection's settings are made anew only where they change.
std::optional<FetchFailure> TokenFetcher::aim_at(const Origin& origin,
                                                 const TokenIdentity& identity) {
  const auto proxy = origin.is_tls && !is_local(identity)
                         ? surroundings_.proxies.find(origin.host, origin.port)
                         : nullptr;
  if (target_ && origin == origin_ && proxy == target_->proxy) return std::nullopt;
  auto target = make_authority_target("credential " + credential_.name, origin, proxy,
                                      surroundings_.resolver);
  if (!target) return lasting_failure(target.error().detail());
  target_ = std::move(target.value());
  origin_ = origin;
  return std::nullopt;
}

// An exception is a failed fetch like another: without whoever calls this no token would ever come.
net::Task<Fetched> TokenFetcher::fetch() {
  FetchFailure failure;
  try {
    co_return co_await fetch_now();
  } catch (const std::exception& thrown) {
    failure.reason = "internal";
    failure.description = std::string("internal: ") + thrown.what();
  }
  co_return Fetched(std::move(failure));
}

net::Task<Fetched> TokenFetcher::fetch_now() {
  const TokenIdentity identity = resolve_identity(credential_.kind, surroundings_.environment);
  source_ = describe(identity);
  auto prepared = prepare_token_request(identity, credential_, surroundings_.environment,
                                        surroundings_.clock.wall_now());
  if (auto* failure = std::get_if<FetchFailure>(&prepared)) co_return Fetched(std::move(*failure));
  const TokenRequest request = std::move(std::get<TokenRequest>(prepared));
  if (auto failure = aim_at(request.origin, identity)) co_return Fetched(std::move(*failure));

  const base::SteadyTime asked = surroundings_.clock.steady_now();
  Answered answer = co_await send(request);
  if (answer && answer.value().head.status == 401 && is_arc(identity)) {
    const auto second = answer_challenge(request, answer.value());
    if (!second) co_return Fetched(lasting_failure(second.error().detail()));
    Answered answered = co_await send(second.value());
    answer = std::move(answered);
  }
  if (!answer) co_return Fetched(passing_failure(answer.error()));
  co_return read(answer.value(), asked);
}

net::Task<TokenFetcher::Answered> TokenFetcher::send(const TokenRequest& request) {
  const upstream::FetchRequest message = fetch_request_of(request);
  Answered answer =
      co_await upstream::fetch(surroundings_.transport, target_, message, kRequestTime);
  co_return answer;
}

base::Result<TokenRequest> TokenFetcher::answer_challenge(
    TokenRequest request, const upstream::FetchAnswer& answer) const {
  const auto fields = answer.head.fields.views();
  const auto file = read_arc_challenge(fields, surroundings_.arc_directory);
  if (!file) return file.error();
  const auto key = read_arc_key(*file);
  if (!key) return key.error();
  return with_basic_authorization(std::move(request), *key);
}

// A lifetime counts from when the token was asked for: its authority counts from when it was
// issued, which is before the answer is here. A time of day is the answerer's.
Fetched TokenFetcher::read(upstream::FetchAnswer& answer, base::SteadyTime asked) const {
  const auto fields = answer.head.fields.views();
  const base::WallTime now = surroundings_.clock.wall_now();
  if (answer.head.status != 200) {
    return read_token_refusal({answer.head.status, fields, answer.body}, now);
  }
  auto token = parse_token_answer(answer.body, asked, date_of(fields).value_or(now));
  base::wipe(answer.body);
  if (!token) return passing_failure(token.error());
  return std::move(token.value());
}

}  // namespace spillway::identity
