#include <spillway/base/text.hpp>
#include <spillway/identity/date_text.hpp>
#include <spillway/identity/token.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace spillway::identity {
namespace {

using base::Duration;
using base::Error;
using base::Fault;
using base::Side;
using nlohmann::json;

// Longer than any token lives; keeps times from overflowing.
constexpr std::chrono::seconds kMaxLifetime = std::chrono::hours(24 * 30);
constexpr std::chrono::seconds kMaxRetryAfter = std::chrono::hours(24);
constexpr std::size_t kMaxDescriptionBytes = 240;

Error malformed(const std::string& what) {
  return {Fault::upstream_malformed, Side::upstream, "the token endpoint's answer " + what};
}

// Never throws; discarded for what is not a JSON object of acceptable size. Moved, never copied:
// nlohmann 3.11 copies recursively, and the depth is the answerer's choice.
json parse_object(std::string_view body) {
  if (body.size() > kMaxTokenAnswerBytes) return json(json::value_t::discarded);
  json object = json::parse(body, nullptr, false);
  if (!object.is_object()) return json(json::value_t::discarded);
  return object;
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

// Entra v2 writes numbers, v1 and managed identity the same as texts.
std::optional<double> number_of(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::nullopt;
  if (found->is_number()) return found->get<double>();
  if (!found->is_string()) return std::nullopt;
  return parse_number(base::trim(found->get_ref<const std::string&>()));
}

std::string_view text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  return found->get_ref<const std::string&>();
}

std::optional<Duration> lifetime_of(double seconds) {
  const auto most = static_cast<double>(kMaxLifetime.count());
  if (!(seconds > 0)) return std::nullopt;
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::min(seconds, most)));
}

std::optional<Duration> read_expires_on(const json& object, base::WallTime now) {
  const double since_epoch = std::chrono::duration<double>(now.time_since_epoch()).count();
  if (const auto epoch = number_of(object, "expires_on")) return lifetime_of(*epoch - since_epoch);
  const auto date = parse_date_text(text_of(object, "expires_on"));
  if (!date) return std::nullopt;
  return lifetime_of(std::chrono::duration<double>(*date - now).count());
}

std::optional<Duration> read_lifetime(const json& object, base::WallTime now) {
  if (const auto seconds = number_of(object, "expires_in")) {
    if (const auto lifetime = lifetime_of(*seconds)) return lifetime;
  }
  return read_expires_on(object, now);
}

// It will stand in a header field: nothing in it may end that field.
bool is_header_text(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string codes_of(const json& object) {
  const auto found = object.find("error_codes");
  std::string codes;
  if (found == object.end() || !found->is_array()) return codes;
  for (const json& code : *found) {
    if (!code.is_number_integer()) continue;
    if (!codes.empty()) codes += ", ";
    codes += std::to_string(code.get<std::int64_t>());
  }
  return codes;
}

// The first sentence or so: what follows are ids, which the trace id stands for.
std::string_view short_description(std::string_view description) {
  for (const std::string_view end : {" Trace ID:", "\r", "\n"})
    description = description.substr(0, description.find(end));
  return description;
}

bool is_lasting_error(std::string_view error, bool has_codes) {
  if (error == "invalid_client" || error == "unauthorized_client" || error == "invalid_scope") {
    return true;
  }
  // Entra's own: unknown tenant, no such federated credential. IMDS uses the same word, without
  // codes, also while an identity is still being assigned.
  return error == "invalid_request" && has_codes;
}

std::string describe(unsigned status, const json& object, std::string_view error) {
  std::string text = "status " + std::to_string(status) + ": ";
  text += base::json_escape(error, kMaxDescriptionBytes);
  const std::string codes = codes_of(object);
  if (!codes.empty()) text += " (" + codes + ")";
  const auto description = short_description(text_of(object, "error_description"));
  if (!description.empty()) text += ": " + base::json_escape(description, kMaxDescriptionBytes);
  const std::string_view trace = text_of(object, "trace_id");
  if (!trace.empty()) text += ", trace_id " + base::json_escape(trace, 64);
  return text;
}

std::optional<Duration> read_retry_after(base::FieldView headers) {
  const auto value = base::find_field(headers, "retry-after");
  if (!value) return std::nullopt;
  const auto seconds = base::parse_unsigned(base::trim(*value));
  if (!seconds || *seconds == 0) return std::nullopt;
  const auto most = static_cast<std::uint64_t>(kMaxRetryAfter.count());
  return std::chrono::seconds(std::min(*seconds, most));
}

}  // namespace

base::Result<Token> parse_token_answer(std::string_view body, base::SteadyTime now_steady,
                                       base::WallTime now_wall) {
  json object = parse_object(body);
  if (object.is_discarded()) return malformed("is no JSON object, or larger than 64 KiB");
  const std::string_view type = text_of(object, "token_type");
  if (!type.empty() && !base::equals_ignoring_case(type, "Bearer")) {
    return malformed("has a token of type '" + base::json_escape(type, 32) + "', not Bearer");
  }
  if (!is_header_text(text_of(object, "access_token"))) {
    return malformed("has no access_token that can be sent in a header");
  }
  const auto lifetime = read_lifetime(object, now_wall);
  if (!lifetime) return malformed("has no usable expires_in or expires_on, or is expired");

  Token token;
  token.text = base::Secret(std::move(object["access_token"].get_ref<std::string&>()));
  token.obtained_at = now_steady;
  token.expires_at = now_steady + *lifetime;
  const auto refresh_in = lifetime_of(number_of(object, "refresh_in").value_or(0));
  if (refresh_in && *refresh_in < *lifetime) token.refresh_at = now_steady + *refresh_in;
  return token;
}

FetchFailure read_token_refusal(unsigned status, base::FieldView headers, std::string_view body) {
  FetchFailure failure;
  failure.retry_after = read_retry_after(headers);
  const json object = parse_object(body);
  const std::string_view error =
      object.is_discarded() ? std::string_view() : text_of(object, "error");
  if (error.empty()) {
    failure.description = "status " + std::to_string(status) + " without an error that can be read";
    return failure;
  }
  failure.description = describe(status, object, error);
  const bool is_client_error = status >= 400 && status < 500 && status != 429;
  failure.is_lasting = is_client_error && is_lasting_error(error, !codes_of(object).empty());
  return failure;
}

FetchFailure failure_of(const base::Error& error) {
  FetchFailure failure;
  failure.description = std::string(base::name_of(error.fault()));
  if (!error.detail().empty()) failure.description += ": " + error.detail();
  return failure;
}

}  // namespace spillway::identity
