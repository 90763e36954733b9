#include <spillway/aoai/query.hpp>
#include <spillway/base/text.hpp>

#include <algorithm>
#include <array>

namespace spillway::aoai {
namespace {

constexpr auto kCredentialNames = std::to_array<std::string_view>({
    "api-key",
    "authorization",
    "access_token",
    "subscription-key",
    "ocp-apim-subscription-key",
});

constexpr std::size_t kMaxShownBytes = 64;

struct QueryPart {
  std::string_view text;  // name=value, or only a name
  std::string_view name;
  std::string_view value;
};

QueryPart read_parameter(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return {text, text, text.substr(text.size())};
  return {text, text.substr(0, equals), text.substr(equals + 1)};
}

template <class Visit>
void for_each_parameter(std::string_view query, Visit visit) {
  while (true) {
    const auto ampersand = query.find('&');
    visit(read_parameter(query.substr(0, ampersand)));
    if (ampersand == std::string_view::npos) return;
    query.remove_prefix(ampersand + 1);
  }
}

// `name` has no percent sign.
bool is_name(std::string_view encoded, std::string_view name) {
  if (encoded.size() <= name.size()) return base::equals_ignoring_case(encoded, name);
  if (encoded.find('%') == std::string_view::npos) return false;
  const auto decoded = base::percent_decode(encoded);
  return decoded && base::equals_ignoring_case(*decoded, name);
}

bool is_showable(std::string_view text) {
  return text.size() <= kMaxShownBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

}  // namespace

QueryValue find_query_value(std::string_view query, std::string_view name) {
  QueryValue found;
  for_each_parameter(query, [&](const QueryPart& parameter) {
    if (!is_name(parameter.name, name)) return;
    ++found.count;
    found.offset = static_cast<std::size_t>(parameter.value.data() - query.data());
    found.length = parameter.value.size();
  });
  return found;
}

bool is_credential_parameter(std::string_view name) {
  return std::any_of(kCredentialNames.begin(), kCredentialNames.end(),
                     [&](std::string_view credential) { return is_name(name, credential); });
}

std::string without_credentials(std::string_view query) {
  bool has_credential = false;
  for_each_parameter(query, [&](const QueryPart& parameter) {
    has_credential = has_credential || is_credential_parameter(parameter.name);
  });
  if (!has_credential) return std::string(query);
  std::string kept;
  bool is_first = true;
  for_each_parameter(query, [&](const QueryPart& parameter) {
    if (is_credential_parameter(parameter.name)) return;
    if (!is_first) kept += '&';
    is_first = false;
    kept += parameter.text;
  });
  return kept;
}

std::string redacted_query(std::string_view query) {
  std::string shown;
  bool is_first = true;
  for_each_parameter(query, [&](const QueryPart& parameter) {
    if (!is_first) shown += '&';
    is_first = false;
    if (parameter.text.empty()) return;
    // A text without '=' may be a key that was merely pasted behind the question mark.
    const bool has_value = parameter.name.size() != parameter.text.size();
    if (!has_value || !is_showable(parameter.name)) {
      shown += "***";
      return;
    }
    const bool is_shown = is_name(parameter.name, "api-version") && is_showable(parameter.value);
    shown += parameter.name;
    shown += '=';
    shown += is_shown ? parameter.value : std::string_view("***");
  });
  return shown;
}

}  // namespace spillway::aoai
