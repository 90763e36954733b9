#include <spillway/aoai/include_usage.hpp>
#include <spillway/aoai/json_text.hpp>

#include <algorithm>

namespace spillway::aoai {
namespace {

constexpr std::string_view kFirstDate = "2024-08-01";
constexpr std::string_view kMember = R"("include_usage":true)";

// YYYY-MM-DD, with anything or nothing behind it.
bool begins_with_a_date(std::string_view version) {
  if (version.size() < kFirstDate.size()) return false;
  for (std::size_t i = 0; i < kFirstDate.size(); ++i) {
    const bool is_digit = version[i] >= '0' && version[i] <= '9';
    if (kFirstDate[i] == '-' ? version[i] != '-' : !is_digit) return false;
  }
  return true;
}

std::size_t skip_blanks(std::string_view body, std::size_t offset) {
  const char* const end = body.data() + body.size();
  const char* const at = json::skip_whitespace(body.data() + offset, end);
  return static_cast<std::size_t>(at - body.data());
}

// Where the body's own '{' is: behind a byte order mark and blanks.
std::size_t find_object(std::string_view body) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  return skip_blanks(body, body.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
}

bool is_at(std::string_view body, std::size_t offset, char c) {
  return offset < body.size() && body[offset] == c;
}

}  // namespace

bool knows_include_usage(Surface surface, std::string_view api_version) {
  if (surface == Surface::v1) return true;
  return begins_with_a_date(api_version) && api_version.substr(0, kFirstDate.size()) >= kFirstDate;
}

bool is_usage_to_be_added(const ApiPath& path, const UsageRequest& request) {
  const bool is_chat =
      path.operation == Operation::chat_completions || path.operation == Operation::completions;
  return is_chat && request.wants_stream && !request.wants_usage &&
         knows_include_usage(path.surface, path.api_version);
}

std::optional<BodyEdit> include_usage_edit(std::string_view body, const UsageRequest& request) {
  if (request.include_usage_length > 0) {
    return BodyEdit{request.include_usage_offset, request.include_usage_length, "true"};
  }
  const bool is_inside = request.has_stream_options;
  const std::size_t brace = is_inside ? request.stream_options_offset : find_object(body);
  if (!is_at(body, brace, '{')) return std::nullopt;
  std::string inserted(kMember);
  if (!is_inside) inserted = R"("stream_options":{)" + inserted + "}";
  if (!is_at(body, skip_blanks(body, brace + 1), '}')) inserted += ',';
  return BodyEdit{brace + 1, 0, inserted};
}

}  // namespace spillway::aoai
