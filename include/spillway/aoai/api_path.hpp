#pragma once
// Which Azure OpenAI operation a request line names (wire reference §1): surface, operation,
// deployment. Pure text; refuses what is ambiguous (dot segments, encoded slashes, `//`, …) instead
// of normalising it.

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

enum class Operation : std::uint8_t {
  chat_completions,
  completions,
  embeddings,
  responses,  // creating one; by id is `other`
  images,
  audio,
  models,
  realtime,
  other,
};

/// What a client may be barred from (docs/configuration.md, `operations`; behaviour §10).
enum class OperationClass : std::uint8_t { inference, stateful, management };

std::string_view name_of(Operation operation);
std::string_view name_of(OperationClass operation_class);

struct ApiPath {
  Surface surface = Surface::classic;
  Operation operation = Operation::other;
  OperationClass operation_class = OperationClass::inference;
  /// From the path of a classic URL, percent-decoded; empty: not named there (v1: in the body).
  std::string deployment;
  std::string api_version;  // of the query; empty on v1
  /// The target as it goes upstream, always starting with /openai/, query included.
  std::string canonical_target;
  /// Where the (still encoded) deployment segment stands in canonical_target; length 0: nowhere.
  std::size_t deployment_offset = 0;
  std::size_t deployment_length = 0;
};

/// Errors: Fault::bad_request (ambiguous or malformed), Fault::no_route (not an AOAI path).
base::Result<ApiPath> parse_api_path(std::string_view method, std::string_view target);

/// The target for one backend: its path prefix, and its own name for the deployment, encoded.
std::string upstream_target(const ApiPath& path, std::string_view path_prefix,
                            std::string_view upstream_deployment);

}  // namespace spillway::aoai
