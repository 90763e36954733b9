#pragma once
// Makes refusals whose words are safe to log. Private to identity.

#include <spillway/base/text.hpp>
#include <spillway/identity/access_token.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace spillway::identity {

inline TokenRefusal refuse(TokenRefusal::Reason reason, std::string detail) {
  return {reason, std::move(detail)};
}

/// A value of the token's in quotes: bounded, escaped.
inline std::string quote(std::string_view value) {
  constexpr std::size_t most = 120;
  return "'" + base::json_escape(value, most) + "'";
}

}  // namespace spillway::identity
