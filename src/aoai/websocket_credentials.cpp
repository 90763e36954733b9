#include <spillway/aoai/query.hpp>
#include <spillway/aoai/websocket_credentials.hpp>
#include <spillway/base/text.hpp>

namespace spillway::aoai {
namespace {

constexpr std::string_view kKeyProtocol = "openai-insecure-api-key.";
constexpr std::string_view kBearer = "bearer";

std::string decoded(std::string_view text) {
  return base::percent_decode(text).value_or(std::string(text));
}

// A value without the scheme says nothing that could be used as a Bearer token.
std::string bearer_token(std::string_view encoded) {
  std::string value = decoded(encoded);
  const bool is_bearer =
      value.size() > kBearer.size() &&
      base::equals_ignoring_case(std::string_view(value).substr(0, kBearer.size()), kBearer) &&
      (value[kBearer.size()] == ' ' || value[kBearer.size()] == '+');
  if (!is_bearer) {
    base::wipe(value);
    return value;
  }
  value.erase(0, kBearer.size() + 1);
  return value;
}

void add(std::vector<base::Secret>& found, std::string value) {
  if (!value.empty()) found.emplace_back(std::move(value));
}

}  // namespace

std::vector<base::Secret> credentials_in_query(std::string_view query) {
  std::vector<base::Secret> found;
  while (!query.empty()) {
    const auto ampersand = query.find('&');
    const std::string_view parameter = query.substr(0, ampersand);
    query.remove_prefix(ampersand == std::string_view::npos ? query.size() : ampersand + 1);
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string name = base::to_lower(decoded(parameter.substr(0, equals)));
    const std::string_view value = parameter.substr(equals + 1);
    if (name == "api-key" || name == "access_token") add(found, decoded(value));
    if (name == "authorization") add(found, bearer_token(value));
  }
  return found;
}

bool is_key_protocol(std::string_view protocol) {
  return base::equals_ignoring_case(protocol.substr(0, kKeyProtocol.size()), kKeyProtocol);
}

OfferedProtocols split_offered(const std::vector<std::string_view>& protocols) {
  OfferedProtocols split;
  for (const std::string_view protocol : protocols) {
    if (is_key_protocol(protocol)) {
      add(split.keys, std::string(protocol.substr(kKeyProtocol.size())));
      continue;
    }
    if (!split.others.empty()) split.others += ", ";
    split.others += protocol;
  }
  return split;
}

}  // namespace spillway::aoai
