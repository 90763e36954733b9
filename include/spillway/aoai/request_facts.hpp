#pragma once
// What the gateway must know of a JSON request body: read once, at most 64 levels deep, never
// re-serialised. A body that is not JSON yields no facts; the backend will say what is wrong with
// it.

#include <cstddef>
#include <string>
#include <string_view>

namespace spillway::aoai {

/// Deeper nesting is taken for "not JSON" (architecture §6.4: what reads it after us may recurse).
inline constexpr int kMaxJsonDepth = 64;

/// All facts are of the top level, names compared decoded (`"mod\u0065l"` is `model`). Where a name
/// is repeated the last one counts, as in the JSON readers of the backends.
struct RequestFacts {
  bool is_json_object = false;  // well-formed to the last byte
  bool wants_stream = false;    // top-level "stream": true
  bool has_model = false;       // a top-level "model" with a string value
  std::string model;            // decoded
  /// Where the value of "model", quotes included, stands in the body. The last one if repeated.
  std::size_t model_offset = 0;
  std::size_t model_length = 0;

  /// "model" stands there more than once: a reader that takes the first one sees another model.
  bool repeats_model = false;
  bool is_background = false;        // "background": true
  bool has_stream_options = false;   // "stream_options" is an object
  bool wants_usage = false;          // "stream_options": {"include_usage": true}
  std::string previous_response_id;  // decoded; empty: none, or not a string
};

/// Takes what an RFC 8259 reader takes, plus a leading byte order mark. UTF-8 is not checked.
/// Linear in the size of the body; allocates nothing but the two texts.
RequestFacts read_request_facts(std::string_view body);

/// The body with only the value of "model" replaced; everything else byte for byte.
std::string replace_model(std::string_view body, const RequestFacts& facts, std::string_view model);

}  // namespace spillway::aoai
