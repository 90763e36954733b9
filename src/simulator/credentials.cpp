#include "simulator/credentials.hpp"

#include "simulator/errors.hpp"
#include <spillway/base/text.hpp>

#include <algorithm>

namespace spillway::simulator {
namespace {

std::optional<std::string> carried(const Request& request, std::string_view header,
                                   std::string_view parameter, Carrier carrier) {
  auto value = request.header(header);
  if (!value && carrier == Carrier::headers_or_query) value = request.query(parameter);
  return value;
}

std::optional<std::string> bearer_of(const std::optional<std::string>& value) {
  constexpr std::string_view kScheme = "bearer ";
  if (!value || value->size() < kScheme.size()) return std::nullopt;
  if (!base::equals_ignoring_case(value->substr(0, kScheme.size()), kScheme)) return std::nullopt;
  return value->substr(kScheme.size());
}

}  // namespace

std::optional<Reply> refuse_credential(const Auth& auth, const Issuer* issuer,
                                       const Request& request, Surface surface, Carrier carrier) {
  if (auth.api_keys.empty() && !auth.accept_tokens) return std::nullopt;
  const auto is_known = [&auth](const std::string& key) {
    return std::find(auth.api_keys.begin(), auth.api_keys.end(), key) != auth.api_keys.end();
  };
  if (const auto key = carried(request, "api-key", "api-key", carrier)) {
    if (is_known(*key)) return std::nullopt;
    return error_reply(auth.api_keys.empty() ? "key_auth_disabled" : "bad_key");
  }
  const auto token = bearer_of(carried(request, "authorization", "Authorization", carrier));
  if (!token) return error_reply("missing_credential");
  if (surface == Surface::v1 && is_known(*token)) return std::nullopt;
  const bool is_accepted = auth.accept_tokens && issuer != nullptr &&
                           issuer->accepts(*token, auth.audiences, issuer->now());
  if (is_accepted) return std::nullopt;
  return error_reply("entra_invalid");
}

}  // namespace spillway::simulator
