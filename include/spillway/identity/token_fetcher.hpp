#pragma once
// Gets one token for one credential, in as many steps as its kind takes: which identity it is now,
// what has to be read for it, one request or (Azure Arc) two. Knows nothing of when, or how often.

#include <spillway/config/configuration.hpp>
#include <spillway/identity/fetch_failure.hpp>
#include <spillway/identity/fetch_surroundings.hpp>
#include <spillway/identity/token.hpp>
#include <spillway/identity/token_request.hpp>
#include <spillway/net/task.hpp>
#include <spillway/upstream/fetch.hpp>

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace spillway::identity {

using Fetched = std::variant<Token, FetchFailure>;

class TokenFetcher {
 public:
  /// The name of whom it would ask now is handed to the resolver at once.
  TokenFetcher(FetchSurroundings surroundings, config::Credential credential);
  TokenFetcher(const TokenFetcher&) = delete;
  TokenFetcher& operator=(const TokenFetcher&) = delete;

  /// One at a time. Ends within ten seconds for each request it takes. Throws nothing.
  net::Task<Fetched> fetch();

  [[nodiscard]] const config::Credential& credential() const { return credential_; }
  /// What the credential came to, at the latest fetch: "managed_identity (IMDS)".
  [[nodiscard]] const std::string& source() const { return source_; }

 private:
  using Answered = base::Result<upstream::FetchAnswer>;

  net::Task<Fetched> fetch_now();
  net::Task<Answered> send(const TokenRequest& request);
  [[nodiscard]] Fetched read(upstream::FetchAnswer& answer, base::SteadyTime asked) const;
  [[nodiscard]] base::Result<TokenRequest> answer_challenge(
      TokenRequest request, const upstream::FetchAnswer& answer) const;
  std::optional<FetchFailure> aim_at(const Origin& origin, const TokenIdentity& identity);

  FetchSurroundings surroundings_;
  config::Credential credential_;
  std::string source_;
  Origin origin_;                                   // of target_
  std::shared_ptr<const upstream::Target> target_;  // null: none yet
};

}  // namespace spillway::identity
