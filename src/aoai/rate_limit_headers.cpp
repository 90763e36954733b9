#include <spillway/aoai/rate_limit_headers.hpp>
#include <spillway/base/text.hpp>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace spillway::aoai {
namespace {

// No deployment is used a hundred times over: more than this cannot be meant.
constexpr double kMostPercent = 10'000;

void take_count(std::optional<std::uint64_t>& out, std::string_view text) {
  if (!out) out = base::parse_unsigned(base::trim(text));
}

// `88.4%` or `88.4`; from_chars alone would take signs, exponents, inf and nan.
std::optional<double> parse_percentage(std::string_view text) {
  text = base::trim(text);
  if (text.ends_with('%')) text = base::trim(text.substr(0, text.size() - 1));
  const bool is_plain = !text.empty() && text.find_first_not_of("0123456789.") == text.npos;
  if (!is_plain) return std::nullopt;
  double percent = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, percent);
  if (error != std::errc() || rest != end || percent > kMostPercent) return std::nullopt;
  return percent / 100;
}

void note_share(std::optional<double>& room, std::optional<std::uint64_t> remaining,
                std::optional<std::uint64_t> limit) {
  if (!remaining || !limit || *limit == 0) return;
  const double share = static_cast<double>(*remaining) / static_cast<double>(*limit);
  room = std::min(room.value_or(1), share);
}

}  // namespace

RateLimits read_rate_limits(base::FieldView headers) {
  RateLimits limits;
  for (const base::Field& field : headers) {
    const auto is = [&](std::string_view name) {
      return base::equals_ignoring_case(field.name, name);
    };
    if (is("x-ratelimit-remaining-tokens")) {
      take_count(limits.remaining_tokens, field.value);
    } else if (is("x-ratelimit-limit-tokens")) {
      take_count(limits.limit_tokens, field.value);
    } else if (is("x-ratelimit-remaining-requests")) {
      take_count(limits.remaining_requests, field.value);
    } else if (is("x-ratelimit-limit-requests")) {
      take_count(limits.limit_requests, field.value);
    } else if (is("azure-openai-deployment-utilization")) {
      if (!limits.utilization) limits.utilization = parse_percentage(field.value);
    }
  }
  return limits;
}

std::optional<double> room_left(const RateLimits& limits) {
  std::optional<double> room;
  note_share(room, limits.remaining_tokens, limits.limit_tokens);
  note_share(room, limits.remaining_requests, limits.limit_requests);
  if (limits.utilization) room = std::min(room.value_or(1), 1 - *limits.utilization);
  if (room) room = std::clamp(*room, 0.0, 1.0);
  return room;
}

}  // namespace spillway::aoai
