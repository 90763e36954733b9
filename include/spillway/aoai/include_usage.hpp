#pragma once
// Asks for the usage of a streamed answer where the caller did not (behaviour §6, §10): whether,
// and by which change to the body. The chunk that comes of it is removed again by UsageChunkFilter.

#include <spillway/aoai/api_path.hpp>
#include <spillway/aoai/body_edit.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace spillway::aoai {

/// Where in a request's body the answer's usage is asked for.
struct UsageRequest {
  bool wants_stream = false;
  bool wants_usage = false;               // "stream_options": {"include_usage": true}
  bool has_stream_options = false;        // "stream_options" is an object
  std::size_t stream_options_offset = 0;  // of its '{'
  std::size_t include_usage_offset = 0;   // of the value
  std::size_t include_usage_length = 0;   // 0: there is none
};

/// v1, and dated versions from 2024-08-01-preview on. What is no date is not known to know it.
bool knows_include_usage(Surface surface, std::string_view api_version);

/// Chat completions and completions only, streamed, usage not asked for (`false` is not asked), an
/// api-version that knows it.
bool is_usage_to_be_added(const ApiPath& path, const UsageRequest& request);

/// The change that makes it asked for. `body` is a JSON object, `request` was read from it. Nothing
/// if no `{` is where one should be.
std::optional<BodyEdit> include_usage_edit(std::string_view body, const UsageRequest& request);

}  // namespace spillway::aoai
