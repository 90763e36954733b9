#pragma once
// An Entra token, and what token endpoints answer (wire reference §7.3): Entra v1 and v2, IMDS, App
// Service, Machine Learning and Arc. The token's characters appear in no error.

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
/// because it needs no agreement about the time of day. What is missing, no number, zero or
/// negative does not count; without any lifetime there is no token; no token lives longer than 30
/// days. A `refresh_in` that is none of the life is left out. `now_wall` is what `expires_on` is
/// compared with: the answerer's own time if it told it. The caller wipes `body`. Errors:
/// Fault::upstream_malformed.
base::Result<Token> parse_token_answer(std::string_view body, base::SteadyTime now_steady,
                                       base::WallTime now_wall);

}  // namespace spillway::identity
