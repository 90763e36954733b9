#pragma once
// An Entra token, and what token endpoints answer (wire reference §7.3, §7.5): the token of an
// answer from Entra v1 or v2, IMDS or App Service, or why there is none, in words for the operator.
// The token's characters appear in no error.

#include <spillway/base/field.hpp>
#include <spillway/base/result.hpp>
#include <spillway/base/secret.hpp>
#include <spillway/base/time.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace spillway::identity {

struct Token {
  base::Secret text;  // opaque; visible ASCII, fit for a header field
  base::SteadyTime obtained_at;
  base::SteadyTime expires_at;
  std::optional<base::SteadyTime> refresh_at;  // if the answer suggested one
};

inline constexpr std::size_t kMaxTokenAnswerBytes = 64U << 10U;

/// The body of a 200. Lifetimes are numbers or texts; `expires_in` goes before `expires_on`,
/// because it needs no agreement about the time of day. The caller wipes `body`. Errors:
/// Fault::upstream_malformed.
base::Result<Token> parse_token_answer(std::string_view body, base::SteadyTime now_steady,
                                       base::WallTime now_wall);

/// Why no token came.
struct FetchFailure {
  /// `invalid_client (7000215): AADSTS7000215: Invalid client secret provided, trace …`.
  std::string description;
  /// The configuration is wrong, not the moment: asking again soon cannot help.
  bool is_lasting = false;
  std::optional<base::Duration> retry_after;  // of the answer's header, in seconds
};

/// The answer was no 200.
FetchFailure read_token_refusal(unsigned status, base::FieldView headers, std::string_view body);

/// No answer, or none that can be used.
FetchFailure failure_of(const base::Error& error);

}  // namespace spillway::identity
