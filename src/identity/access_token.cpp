#include <spillway/identity/access_token.hpp>

namespace spillway::identity {

std::string_view name_of(TokenRefusal::Reason reason) {
  using Reason = TokenRefusal::Reason;
  switch (reason) {
    case Reason::malformed:
      return "malformed";
    case Reason::too_large:
      return "too_large";
    case Reason::unsupported_algorithm:
      return "unsupported_algorithm";
    case Reason::unsupported_header:
      return "unsupported_header";
    case Reason::missing_key_id:
      return "missing_key_id";
    case Reason::unknown_key:
      return "unknown_key";
    case Reason::wrong_key:
      return "wrong_key";
    case Reason::bad_signature:
      return "bad_signature";
    case Reason::wrong_issuer:
      return "wrong_issuer";
    case Reason::wrong_tenant:
      return "wrong_tenant";
    case Reason::wrong_audience:
      return "wrong_audience";
    case Reason::expired:
      return "expired";
    case Reason::not_yet_valid:
      return "not_yet_valid";
    case Reason::invalid_claim:
      return "invalid_claim";
    case Reason::keys_unavailable:
      return "keys_unavailable";
  }
  return "malformed";
}

}  // namespace spillway::identity
