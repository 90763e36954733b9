#pragma once
// Why no token came, and what that means for asking again (docs/identity.md): refusals of token
// endpoints (wire reference §7.5), failures on the way, and what is wrong on our side. Pure.

#include <spillway/base/error.hpp>
#include <spillway/base/field.hpp>
#include <spillway/base/time.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace spillway::identity {

enum class FailureKind : std::uint8_t {
  passing,     // the moment is bad: an outage, throttling, a file that is not there yet
  restarting,  // IMDS says 410: it is being updated, which takes up to 70 s
  skewed,      // 700024: an assertion outside its time, so a clock is wrong somewhere
  lasting,     // somebody has to change something; asking again soon cannot help
};

struct FetchFailure {
  FailureKind kind = FailureKind::passing;
  /// `status 401: invalid_client (7000215): AADSTS7000215: Invalid client secret provided, trace
  /// …`.
  std::string description;
  /// What two failures have in common if one is only the other once more: the description without
  /// what changes from one answer to the next.
  std::string reason;
  std::optional<base::Duration> retry_after;  // of the answer's header, in seconds
};

/// An answer that is no token.
struct Refusal {
  unsigned status = 0;
  base::FieldView headers;
  std::string_view body;
};

/// `now`: when it came, by our clock.
FetchFailure read_token_refusal(const Refusal& refusal, base::WallTime now);

/// No answer, or none that can be used.
FetchFailure passing_failure(const base::Error& error);
/// Of our own making: a file, a setting.
FetchFailure lasting_failure(const std::string& what);

/// The time of an answer's `Date` field, if it has one.
std::optional<base::WallTime> date_of(base::FieldView headers);

}  // namespace spillway::identity
