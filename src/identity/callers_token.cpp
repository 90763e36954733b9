#include <spillway/base/text.hpp>
#include <spillway/identity/callers_token.hpp>

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

namespace spillway::identity {
namespace {

bool is_base64url(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

// HEADER.PAYLOAD.SIGNATURE, of which the header is a JSON object: `{"` is `ey` in base64url.
bool looks_like_jwt(std::string_view text) {
  const auto first = text.find('.');
  const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || !text.starts_with("ey")) return false;
  const std::string_view payload = text.substr(first + 1, second - first - 1);
  const std::string_view signature = text.substr(second + 1);
  return is_base64url(text.substr(0, first)) && is_base64url(payload) && !payload.empty() &&
         is_base64url(signature) && !signature.empty();
}

std::string_view single_authorization(base::FieldView headers) {
  std::string_view value;
  for (const base::Field& field : headers) {
    if (!base::equals_ignoring_case(field.name, "authorization")) continue;
    if (!value.empty()) return {};
    value = base::trim(field.value);
  }
  return value;
}

bool is_gateway_key(std::string_view text, const config::Configuration& configuration) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  const std::string_view known(reinterpret_cast<const char*>(digest.data()), digest.size());
  const auto is_one_of = [&](const config::Client& client) {
    return std::any_of(client.keys.begin(), client.keys.end(),
                       [&](const config::ClientKey& key) { return key.sha256 == known; });
  };
  return std::any_of(configuration.clients.begin(), configuration.clients.end(), is_one_of);
}

}  // namespace

std::optional<Authorization> callers_token(base::FieldView headers,
                                           const config::Configuration& configuration) {
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view value = single_authorization(headers);
  if (!base::equals_ignoring_case(value.substr(0, scheme.size()), scheme)) return std::nullopt;
  const std::string_view token = base::trim(value.substr(scheme.size()));
  if (!looks_like_jwt(token) || is_gateway_key(token, configuration)) return std::nullopt;
  std::string text(scheme);
  text.reserve(scheme.size() + token.size());
  text += token;
  return Authorization{"authorization", std::make_shared<const base::Secret>(std::move(text))};
}

}  // namespace spillway::identity
