#include "strict_json.hpp"
#include "token_answer_json.hpp"
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

Error bad_answer(const std::string& what) {
  return {Fault::upstream_malformed, Side::upstream, "the token endpoint's answer " + what};
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

std::optional<Duration> lifetime_of(double seconds) {
  const auto most = static_cast<double>(kMaxLifetime.count());
  if (!(seconds > 0)) return std::nullopt;
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::min(seconds, most)));
}

std::optional<Duration> read_expires_on(const json& object, base::WallTime now) {
  const double since_epoch = std::chrono::duration<double>(now.time_since_epoch()).count();
  if (const auto epoch = number_of(object, "expires_on")) return lifetime_of(*epoch - since_epoch);
  const auto date = parse_date_text(text_member(object, "expires_on").value_or(""));
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

}  // namespace

base::Result<Token> parse_token_answer(std::string_view body, base::SteadyTime now_steady,
                                       base::WallTime now_wall) {
  json object = parse_json_object(body);
  if (object.is_discarded()) return bad_answer("is no JSON object, or larger than 64 KiB");
  const std::string_view type = text_member(object, "token_type").value_or("");
  if (!type.empty() && !base::equals_ignoring_case(type, "Bearer")) {
    return bad_answer("has a token of type '" + base::json_escape(type, 32) + "', not Bearer");
  }
  if (!is_header_text(text_member(object, "access_token").value_or(""))) {
    return bad_answer("has no access_token that can be sent in a header");
  }
  const auto lifetime = read_lifetime(object, now_wall);
  if (!lifetime) return bad_answer("has no usable expires_in or expires_on, or is expired");

  Token token;
  token.text = base::Secret(std::move(object["access_token"].get_ref<std::string&>()));
  token.obtained_at = now_steady;
  token.expires_at = now_steady + *lifetime;
  const auto refresh_in = lifetime_of(number_of(object, "refresh_in").value_or(0));
  if (refresh_in && *refresh_in < *lifetime) token.refresh_at = now_steady + *refresh_in;
  return token;
}

nlohmann::json parse_json_object(std::string_view body) {
  if (body.size() > kMaxTokenAnswerBytes) return json(json::value_t::discarded);
  json object = json::parse(body, nullptr, false);
  if (!object.is_object()) return json(json::value_t::discarded);
  return object;
}

}  // namespace spillway::identity
