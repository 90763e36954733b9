#pragma once
// The query of a request target, read without rebuilding it: parameters found by offset,
// credentials taken out, values hidden for logs. Names are compared decoded and without case, as
// Azure does.

#include <cstddef>
#include <string>
#include <string_view>

namespace spillway::aoai {

struct QueryValue {
  std::size_t count = 0;   // how often the parameter stands there; offset and length: the last one
  std::size_t offset = 0;  // of the still encoded value, within the query
  std::size_t length = 0;
};

/// `query` without the leading '?'.
QueryValue find_query_value(std::string_view query, std::string_view name);

/// api-key, Authorization, access_token, subscription-key, Ocp-Apim-Subscription-Key (wire
/// reference §1.6): what callers put into URLs where they cannot set headers. `name` is still
/// encoded.
bool is_credential_parameter(std::string_view name);

/// The query without credential parameters; byte for byte as it came if it has none.
std::string without_credentials(std::string_view query);

/// For logs: every value but that of api-version is `***`.
std::string redacted_query(std::string_view query);

}  // namespace spillway::aoai
