#pragma once
// Which Azure OpenAI operation a request line names (wire reference §1): surface, operation,
// deployment. Pure text; refuses what is ambiguous (dot segments, encoded slashes, `//`, …) instead
// of normalising it.

#include <spillway/aoai/operation.hpp>
#include <spillway/base/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::aoai {

enum class Surface : std::uint8_t {
  classic,  // /openai/…?api-version=YYYY-MM-DD
  v1,       // /openai/v1/… (and /v1/…, taken as the same)
};

struct ApiPath {
  Surface surface = Surface::classic;
  Operation operation = Operation::other;
  OperationClass operation_class = OperationClass::inference;
  Creation creation = Creation::none;  // read it through is_creating (creating_call.hpp)
  /// From the path of a classic URL, or from the query of a realtime one or a GET of responses
  /// (`deployment=`, on v1 `model=`); percent-decoded. Empty: not named there (v1: in the body).
  std::string deployment;
  std::string api_version;  // of the query; empty on v1
  /// The target as it goes upstream, always starting with /openai/, query included but for
  /// credentials.
  std::string canonical_target;
  /// Where the (still encoded) deployment name stands in canonical_target; length 0: nowhere.
  std::size_t deployment_offset = 0;
  std::size_t deployment_length = 0;
};

/// Refused as ambiguous are, in the path: segments `.` and `..`, plain or encoded; an encoded
/// slash, backslash, percent sign or control character; a backslash, `//`, `;` before a slash; and
/// anywhere: blanks, control and non-ASCII characters, `#`, malformed escapes of the path.
/// Paths that v1 does not know yet are `Operation::other`, not an error (wire reference §1.2).
/// Errors: Fault::bad_request (ambiguous or malformed), Fault::no_route (not an AOAI path). Their
/// details name the path, never the query.
base::Result<ApiPath> parse_api_path(std::string_view method, std::string_view target);

/// The target for one backend: its path prefix, and its own name for the deployment, encoded.
/// An empty or equal name leaves the bytes as they came.
std::string upstream_target(const ApiPath& path, std::string_view path_prefix,
                            std::string_view upstream_deployment);

/// Any target, also one that was refused, as a log may show it: of the query only the names and the
/// value of api-version, no user information, no fragment.
std::string redacted_target(std::string_view target);

}  // namespace spillway::aoai
