#include <spillway/base/text.hpp>
#include <spillway/identity/presented_credential.hpp>

namespace spillway::identity {
namespace {

struct SingleField {
  unsigned count = 0;
  std::string_view value;
};

SingleField find_single(base::FieldView headers, std::string_view name) {
  SingleField found;
  for (const base::Field& field : headers) {
    if (!base::has_name(field, name)) continue;
    ++found.count;
    found.value = base::trim(field.value);
  }
  return found;
}

// The token of `Bearer <token>`; empty for anything else (RFC 6750 §2.1, scheme without case).
std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer";
  if (authorization.size() <= scheme.size()) return {};
  if (!base::equals_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return {};
  const char separator = authorization[scheme.size()];
  if (separator != ' ' && separator != '\t') return {};
  return base::trim(authorization.substr(scheme.size()));
}

bool is_bare_bearer(std::string_view authorization) {
  return base::equals_ignoring_case(authorization, "bearer");
}

}  // namespace

PresentedCredential read_presented_credential(base::FieldView headers,
                                              std::span<const base::Secret> elsewhere) {
  using Kind = PresentedCredential::Kind;
  const SingleField api_key = find_single(headers, "api-key");
  const SingleField subscription_key = find_single(headers, "ocp-apim-subscription-key");
  const SingleField authorization = find_single(headers, "authorization");
  if (api_key.count > 1 || subscription_key.count > 1 || authorization.count > 1) {
    return {Kind::ambiguous, {}};
  }

  const std::string_view token = bearer_token(authorization.value);
  const bool has_other_scheme =
      token.empty() && !authorization.value.empty() && !is_bare_bearer(authorization.value);
  std::string_view presented = token;
  const auto is_same_key = [&](std::string_view key) {
    if (key.empty()) return true;
    if (has_other_scheme || (!presented.empty() && presented != key)) return false;
    presented = key;
    return true;
  };
  bool is_one_key = is_same_key(api_key.value);
  for (const base::Secret& key : elsewhere)
    is_one_key = is_one_key && is_same_key(key.reveal());
  if (!is_one_key) return {Kind::ambiguous, {}};
  if (presented.empty() && !has_other_scheme && !subscription_key.value.empty()) {
    return {Kind::key, subscription_key.value};
  }
  if (presented.empty()) return {};
  return {Kind::key, presented, !token.empty() || !elsewhere.empty()};
}

}  // namespace spillway::identity
