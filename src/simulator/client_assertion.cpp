#include "simulator/client_assertion.hpp"

#include "simulator/compact_token.hpp"
#include "simulator/entra_errors.hpp"
#include "simulator/registered_certificate.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace spillway::simulator {
namespace {

using nlohmann::json;
using Refusal = std::optional<ErrorText>;

constexpr std::chrono::seconds kLeeway{300};

/// Empty where the member is absent or not text.
std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<std::chrono::seconds> time_of(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return std::chrono::seconds(found->get<std::int64_t>());
}

ErrorText malformed(const std::string& why) {
  return entra_error(400, "invalid_request", 50027, "JWT token is invalid or malformed: " + why);
}

Refusal refuse_times(const json& claims, std::chrono::system_clock::time_point now) {
  const auto at = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  const auto expires = time_of(claims, "exp");
  if (!expires) return malformed("it needs the claim exp.");
  const auto starts = time_of(claims, "nbf").value_or(at);
  if (at >= *expires + kLeeway || at < starts - kLeeway) return assertion_out_of_time();
  return std::nullopt;
}

bool has_audience(const json& claims, const std::vector<std::string>& wanted) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  const auto list = found->is_array() ? *found : json::array({*found});
  return std::any_of(list.begin(), list.end(), [&wanted](const json& one) {
    return one.is_string() &&
           std::find(wanted.begin(), wanted.end(), one.get<std::string>()) != wanted.end();
  });
}

/// Of an assertion signed with a certificate.
Refusal refuse_claims(const App& app, const json& claims, const AssertionPlace& place) {
  if (text_of(claims, "iss") != app.client_id || text_of(claims, "sub") != app.client_id) {
    return entra_error(401, "invalid_client", 700021,
                       "Client assertion application identifier doesn't match 'client_id' "
                       "parameter.");
  }
  if (!has_audience(claims, place.audiences)) {
    return entra_error(401, "invalid_client", 700023,
                       "Client assertion audience claim does not match Realm issuer.");
  }
  if (text_of(claims, "jti").empty()) return malformed("it needs the claim jti.");
  return refuse_times(claims, place.now);
}

/// The header must point to the certificate, by what Entra lists as its thumbprint.
Refusal refuse_header(const json& header, const RegisteredCertificate& certificate) {
  const auto algorithm = text_of(header, "alg");
  if (algorithm != "PS256" && algorithm != "RS256") return bad_assertion();
  const auto sha256 = text_of(header, "x5t#S256");
  const auto sha1 = text_of(header, "x5t");
  if (sha256.empty() && sha1.empty()) return bad_assertion();
  if (!sha256.empty() && sha256 != certificate.thumbprint_sha256()) return bad_assertion();
  if (!sha1.empty() && sha1 != certificate.thumbprint_sha1()) return bad_assertion();
  const auto chain = header.find("x5c");
  if (chain == header.end()) return std::nullopt;
  const bool is_list = chain->is_array() && !chain->empty() && chain->front().is_string();
  if (!is_list || chain->front().get<std::string>() != certificate.base64_der()) {
    return bad_assertion();
  }
  return std::nullopt;
}

Refusal refuse_signed(const App& app, const CompactToken& token, const AssertionPlace& place) {
  const auto certificate = RegisteredCertificate::read(app.certificate_file);
  const auto header = json::parse(token.header);
  if (auto refusal = refuse_header(header, certificate)) return refusal;
  const auto algorithm = *signature_algorithm_of(text_of(header, "alg"));
  if (certificate.check(algorithm, token.signed_text, token.signature) == Authenticity::forged) {
    return entra_error(401, "invalid_client", 700027,
                       "Client assertion failed signature validation.");
  }
  return refuse_claims(app, json::parse(token.payload), place);
}

/// The provider's signature is not checked: its keys are nowhere here.
Refusal refuse_federated(const Federation& wanted, const json& claims,
                         const AssertionPlace& place) {
  const auto mismatch = [](int code, const std::string& what) {
    return entra_error(
        400, "invalid_request", code,
        "No matching federated identity record found for presented assertion " + what + ".");
  };
  if (text_of(claims, "iss") != wanted.issuer) return mismatch(700211, "issuer");
  if (text_of(claims, "sub") != wanted.subject) return federation_mismatch();
  if (!has_audience(claims, {wanted.audience})) return mismatch(700212, "audience");
  return refuse_times(claims, place.now);
}

bool is_configured_text(const App& app, std::string_view assertion) {
  const auto& tokens = app.federated_tokens;
  if (std::find(tokens.begin(), tokens.end(), assertion) != tokens.end()) return true;
  if (app.federated_token_file.empty()) return false;
  const std::ifstream file(app.federated_token_file);
  std::ostringstream content;
  content << file.rdbuf();
  auto text = content.str();
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.pop_back();
  return !text.empty() && text == assertion;
}

}  // namespace

std::optional<ErrorText> refuse_assertion(const App& app, std::string_view assertion,
                                          const AssertionPlace& place) {
  const bool has_texts = !app.federated_tokens.empty() || !app.federated_token_file.empty();
  const bool takes_any = app.secret.empty() && app.expired_secret.empty() &&
                         app.certificate_file.empty() && !app.federation && !has_texts;
  if (takes_any || is_configured_text(app, assertion)) return std::nullopt;
  const bool takes_signed = !app.certificate_file.empty();
  if (!takes_signed && !app.federation) {
    return has_texts ? federation_mismatch() : bad_assertion();
  }
  const auto token = parse_compact_token(assertion);
  if (!token) return malformed("it is not three segments of base64url with JSON objects.");
  const auto claims = json::parse(token->payload);
  // Who has both tells them apart by the issuer: a certificate's assertion is the application's.
  const bool is_federated = app.federation && text_of(claims, "iss") != app.client_id;
  if (is_federated || !takes_signed) return refuse_federated(*app.federation, claims, place);
  return refuse_signed(app, *token, place);
}

}  // namespace spillway::simulator
