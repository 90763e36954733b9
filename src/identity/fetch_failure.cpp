#include "strict_json.hpp"
#include "token_answer_json.hpp"
#include <spillway/base/text.hpp>
#include <spillway/identity/date_text.hpp>
#include <spillway/identity/fetch_failure.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace spillway::identity {
namespace {

using base::Duration;
using nlohmann::json;

constexpr std::chrono::seconds kMaxRetryAfter = std::chrono::hours(24);
constexpr std::size_t kMaxDescriptionBytes = 240;
// Clocks that differ by less agree: that is how long answers are on their way, and more.
constexpr std::chrono::seconds kSameTime(60);

constexpr std::int64_t kOutsideItsTime = 700024;
// Entra's own troubles, whatever status and name they come under: throttled, busy, a loop of equal
// requests, a service of its own that does not answer.
constexpr std::array<std::int64_t, 5> kPassing = {90055, 90033, 50196, 90006, 90024};

struct Words {
  std::string_view error;
  std::vector<std::int64_t> codes;
};

std::vector<std::int64_t> codes_of(const json& object) {
  std::vector<std::int64_t> codes;
  const auto found = object.find("error_codes");
  if (found == object.end() || !found->is_array()) return codes;
  for (const json& code : *found) {
    if (code.is_number_integer()) codes.push_back(code.get<std::int64_t>());
  }
  return codes;
}

bool holds(const std::vector<std::int64_t>& codes, std::int64_t wanted) {
  return std::find(codes.begin(), codes.end(), wanted) != codes.end();
}

std::string joined(const std::vector<std::int64_t>& codes) {
  std::string text;
  for (const std::int64_t code : codes)
    text += (text.empty() ? "" : ", ") + std::to_string(code);
  return text;
}

// The first sentence or so: what follows are ids, which the trace id stands for.
std::string_view short_description(std::string_view description) {
  for (const std::string_view end : {" Trace ID:", "\r", "\n"})
    description = description.substr(0, description.find(end));
  return description;
}

// What nobody but a person can heal. Unknown application, wrong or expired secret, a certificate
// that is not registered come as invalid_client and unauthorized_client.
bool is_lasting_word(const Words& words) {
  constexpr std::array<std::string_view, 4> lasting = {"invalid_client", "unauthorized_client",
                                                       "invalid_scope", "invalid_resource"};
  if (std::find(lasting.begin(), lasting.end(), words.error) != lasting.end()) return true;
  // Entra's own: unknown tenant, no such federated credential. IMDS uses the same word, without
  // codes, also while an identity is still being assigned.
  return words.error == "invalid_request" && !words.codes.empty();
}

FailureKind kind_of(unsigned status, const Words& words) {
  if (status == 410) return FailureKind::restarting;
  if (status < 400 || status >= 500 || status == 429 || status == 408) return FailureKind::passing;
  if (holds(words.codes, kOutsideItsTime)) return FailureKind::skewed;
  const bool is_passing = std::any_of(kPassing.begin(), kPassing.end(),
                                      [&](std::int64_t code) { return holds(words.codes, code); });
  if (is_passing) return FailureKind::passing;
  return is_lasting_word(words) ? FailureKind::lasting : FailureKind::passing;
}

std::string say(std::chrono::seconds difference) {
  return std::to_string(std::chrono::abs(difference).count()) + " s";
}

// 700024 is about time: says whose clock is wrong as far as the answer tells.
std::string explain_skew(base::FieldView headers, base::WallTime now) {
  const auto date = date_of(headers);
  if (!date) return "; compare this machine's clock with the time of day";
  const auto ahead = std::chrono::duration_cast<std::chrono::seconds>(now - *date);
  if (std::chrono::abs(ahead) < kSameTime) {
    return "; this machine's clock agrees with the answer's Date, so the assertion itself was too "
           "old or too new";
  }
  return "; this machine's clock is " + say(ahead) + (ahead.count() > 0 ? " ahead of" : " behind") +
         " the answer's Date";
}

std::optional<Duration> read_retry_after(base::FieldView headers, base::WallTime now) {
  const auto value = base::find_field(headers, "retry-after");
  if (!value) return std::nullopt;
  const auto most = static_cast<std::uint64_t>(kMaxRetryAfter.count());
  if (const auto number = base::parse_unsigned(base::trim(*value))) {
    if (*number == 0) return std::nullopt;
    return std::chrono::seconds(std::min(*number, most));
  }
  const auto date = parse_http_date(*value);
  if (!date || *date <= now) return std::nullopt;
  return std::min<Duration>(*date - date_of(headers).value_or(now), kMaxRetryAfter);
}

}  // namespace

FetchFailure read_token_refusal(const Refusal& refusal, base::WallTime now) {
  FetchFailure failure;
  failure.retry_after = read_retry_after(refusal.headers, now);
  failure.reason = "status " + std::to_string(refusal.status);
  const json object = parse_json_object(refusal.body);
  Words words;
  if (!object.is_discarded()) {
    words = Words{text_member(object, "error").value_or(""), codes_of(object)};
  }
  failure.kind = kind_of(refusal.status, words);
  if (words.error.empty()) {
    failure.reason += " without an error that can be read";
    failure.description = failure.reason;
    return failure;
  }
  failure.reason += ": " + base::json_escape(words.error, kMaxDescriptionBytes);
  if (!words.codes.empty()) failure.reason += " (" + joined(words.codes) + ")";
  failure.description = failure.reason;
  const auto description = short_description(text_member(object, "error_description").value_or(""));
  if (!description.empty()) {
    failure.description += ": " + base::json_escape(description, kMaxDescriptionBytes);
  }
  if (failure.kind == FailureKind::skewed) {
    failure.description += explain_skew(refusal.headers, now);
  }
  const std::string_view trace = text_member(object, "trace_id").value_or("");
  if (!trace.empty()) failure.description += ", trace_id " + base::json_escape(trace, 64);
  return failure;
}

FetchFailure passing_failure(const base::Error& error) {
  FetchFailure failure;
  failure.reason = base::name_of(error.fault());
  failure.description = failure.reason;
  if (!error.detail().empty()) failure.description += ": " + error.detail();
  return failure;
}

FetchFailure lasting_failure(const std::string& what) {
  FetchFailure failure;
  failure.kind = FailureKind::lasting;
  failure.description = what;
  failure.reason = what;
  return failure;
}

std::optional<base::WallTime> date_of(base::FieldView headers) {
  const auto value = base::find_field(headers, "date");
  return value ? parse_http_date(*value) : std::nullopt;
}

}  // namespace spillway::identity
