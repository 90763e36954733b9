#include "simulator/entra_errors.hpp"

#include <nlohmann/json.hpp>

#include <map>

namespace spillway::simulator {
namespace {

using nlohmann::ordered_json;

constexpr const char* kClient = "11111111-1111-4111-8111-111111111111";
constexpr std::string_view kSampleToken = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.e30.c2FtcGxl";

std::string dump(const ordered_json& body) {
  return body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// A token answer with this lifetime, written as it is.
ErrorText with_lifetime(const std::string& expires_in) {
  return {200,
          R"({"token_type":"Bearer","expires_in":)" + expires_in + R"(,"access_token":")" +
              std::string(kSampleToken) + "\"}",
          ""};
}

ErrorText with_token(const std::string& token_json) {
  return {200,
          R"({"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":)" +
              token_json + "}",
          ""};
}

using Table = std::map<std::string_view, ErrorText>;

void add_entra(Table& table) {
  table["aad_429"] = {
      429,
      R"({"error":"temporarily_unavailable","error_description":"AADSTS90055: The request has )"
      R"(been throttled. Sample text.","error_codes":[90055],"timestamp":"2026-11-23 09:20:00Z"})",
      ""};
  table["aad_bad_secret"] = bad_secret(kClient);
  table["aad_expired_secret"] = expired_secret(kClient);
  table["aad_bad_assertion"] = bad_assertion();
  table["aad_assertion_time"] = assertion_out_of_time();
  table["aad_unknown_app"] = unknown_app(kClient, "contoso");
  table["aad_unknown_tenant"] = unknown_tenant("99999999-9999-4999-8999-999999999999");
  table["aad_bad_scope"] = bad_scope();
  table["aad_federation_mismatch"] = federation_mismatch();
  table["aad_503"] = entra_error(503, "temporarily_unavailable", 90033,
                                 "A transient error has occurred. Please try again.");
}

void add_metadata(Table& table) {
  table["imds_no_header"] =
      metadata_error(400, "bad_request_102", "Required metadata header not specified");
  table["imds_not_found"] = metadata_error(400, "invalid_request", "Identity not found");
  table["imds_404"] = metadata_error(404, "not_found", "The identity service is updating");
  table["imds_410"] = metadata_error(410, "gone", "The identity service is updating");
  table["imds_429"] = metadata_error(429, "too_many_requests", "Sample: IMDS throttling");
  table["imds_500"] = metadata_error(500, "unknown", "Failed to retrieve token");
}

void add_odd_tokens(Table& table) {
  table["token_garbage"] = {200, "<html>Sign in to the hotel's network</html>", ""};
  table["token_not_there"] = {200, R"({"token_type":"Bearer","expires_in":3599})", ""};
  table["token_empty"] = with_token(R"("")");
  table["token_number"] = with_token("17");
  table["token_control"] = with_token(R"("eyJ0\r\nX-Injected: yes\u0000\u0007.e30.c2ln")");
  table["expires_zero"] = with_lifetime("0");
  table["expires_negative"] = with_lifetime("-60");
  table["expires_float"] = with_lifetime("3599.5");
  table["expires_huge"] = with_lifetime("99999999999999999999");
  table["expires_text"] = with_lifetime(R"("soon")");
  table["expires_missing"] = {
      200, R"({"token_type":"Bearer","access_token":")" + std::string(kSampleToken) + "\"}", ""};
}

}  // namespace

ErrorText entra_error(unsigned status, std::string_view error, int code, const std::string& what) {
  constexpr std::string_view kTrace = "aaaaaaaa-0000-4000-8000-000000000001";
  constexpr std::string_view kCorrelation = "bbbbbbbb-0000-4000-8000-000000000002";
  constexpr std::string_view kTime = "2026-11-23 09:20:00Z";
  const auto number = std::to_string(code);
  const auto text = "AADSTS" + number + ": " + what + " Trace ID: " + std::string(kTrace) +
                    " Correlation ID: " + std::string(kCorrelation) +
                    " Timestamp: " + std::string(kTime);
  const ordered_json body{{"error", error},
                          {"error_description", text},
                          {"error_codes", ordered_json::array({code})},
                          {"timestamp", kTime},
                          {"trace_id", kTrace},
                          {"correlation_id", kCorrelation},
                          {"error_uri", "https://login.microsoftonline.com/error?code=" + number}};
  return {status, dump(body), ""};
}

ErrorText bad_secret(const std::string& client_id) {
  return entra_error(401, "invalid_client", 7000215,
                     "Invalid client secret provided. Ensure the secret being sent in the request "
                     "is the client secret value, not the client secret ID, for a secret added to "
                     "app '" +
                         client_id + "'.");
}

ErrorText expired_secret(const std::string& client_id) {
  return entra_error(401, "invalid_client", 7000222,
                     "The provided client secret keys for app '" + client_id + "' are expired.");
}

ErrorText unknown_app(const std::string& client_id, const std::string& tenant) {
  return entra_error(400, "unauthorized_client", 700016,
                     "Application with identifier '" + client_id +
                         "' was not found in the directory '" + tenant + "'.");
}

ErrorText unknown_tenant(const std::string& tenant) {
  return entra_error(400, "invalid_request", 90002, "Tenant '" + tenant + "' not found.");
}

ErrorText bad_scope() {
  return entra_error(400, "invalid_scope", 70011,
                     "The provided request must include a 'scope' input parameter. The provided "
                     "value for the input parameter 'scope' is not valid.");
}

ErrorText bad_assertion() {
  return entra_error(401, "invalid_client", 700027,
                     "The certificate with identifier used to sign the client assertion is not "
                     "registered on application.");
}

ErrorText assertion_out_of_time() {
  return entra_error(401, "invalid_client", 700024,
                     "Client assertion is not within its valid time range.");
}

ErrorText federation_mismatch() {
  return entra_error(
      400, "invalid_request", 700213,
      "No matching federated identity record found for presented assertion subject.");
}

ErrorText missing_parameter(const std::string& name) {
  return entra_error(400, "invalid_request", 900144,
                     "The request body must contain the following parameter: '" + name + "'.");
}

ErrorText metadata_error(unsigned status, std::string_view error, std::string_view what) {
  return {status, dump({{"error", error}, {"error_description", what}}), ""};
}

std::optional<ErrorText> identity_answer_named(std::string_view name) {
  static const Table table = [] {
    Table made;
    add_entra(made);
    add_metadata(made);
    add_odd_tokens(made);
    return made;
  }();
  const auto found = table.find(name);
  if (found == table.end()) return std::nullopt;
  return found->second;
}

}  // namespace spillway::simulator
