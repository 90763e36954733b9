#pragma once
// What the gateway must know of a request body. Of JSON: read once, at most 64 levels deep, never
// re-serialised. Of a form: see multipart_form.hpp. A body that is neither yields no facts; the
// backend will say what is wrong with it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::aoai {

/// Deeper nesting is taken for "not JSON" (architecture §6.4: what reads it after us may recurse).
inline constexpr int kMaxJsonDepth = 64;

/// More ids than these are left out, the weakest claims first.
inline constexpr std::size_t kMaxNamedIds = 32;

/// All facts are of the top level, names compared decoded (`"mod\u0065l"` is `model`). Where a name
/// is repeated the last one counts, as in the JSON readers of the backends.
struct RequestFacts {
  bool is_json_object = false;  // well-formed to the last byte
  bool is_form = false;         // multipart/form-data, well-formed as far as it was read
  bool wants_stream = false;    // top-level "stream": true
  bool has_model = false;       // a top-level "model" with a string value
  std::string model;            // decoded
  /// Where the value of "model" (JSON: quotes included) stands in the body. The last one if
  /// repeated.
  std::size_t model_offset = 0;
  std::size_t model_length = 0;

  /// "model" stands there more than once: a reader that takes the first one sees another model.
  bool repeats_model = false;
  bool is_background = false;        // "background": true
  bool has_stream_options = false;   // "stream_options" is an object
  bool wants_usage = false;          // "stream_options": {"include_usage": true}
  bool has_store = false;            // "store" stands there, whatever its value
  bool wants_store = false;          // "store": true
  bool has_data_sources = false;     // "data_sources" is an array (Azure: on your data)
  std::string previous_response_id;  // decoded; empty: none, or not a string

  /// Where the `{` of "stream_options" stands in the body; 0: has_stream_options is false.
  std::size_t stream_options_offset = 0;
  bool is_stream_options_empty = false;  // nothing between its braces but whitespace
  /// Where the value of its "include_usage" stands in the body, quotes included if it is a string.
  /// Length 0: it is not there, or its value is an object or array.
  std::size_t include_usage_offset = 0;
  std::size_t include_usage_length = 0;

  /// Ids of things kept on a backend that the body names (behaviour §2.4), decoded, no duplicates,
  /// at most kMaxNamedIds of at most kMaxIdBytes (stateful_ids.hpp). Strongest claim first:
  /// previous_response_id; conversation; threads, assistants, responses; files, vector stores,
  /// containers, batches, videos; then items of `input`, the latest first. Nothing of `metadata`.
  std::vector<std::string> ids;
  /// How many of them, from the front, are named for what they are; the rest are items of `input`,
  /// which a caller may have made up: worth following where known, not worth a search.
  std::size_t named_id_count = 0;

  std::string prompt_cache_key;  // decoded; empty: none, not a string, or over 512 bytes
};

/// What is rarely asked of a prompt, and costs a look at each of its bytes.
struct PromptMeasure {
  /// Of the raw bytes of the first KiB of the prompt: "instructions", then "messages", "input" or
  /// "prompt". The same for the same bytes on every machine. 0: there is none of them.
  std::uint64_t hash = 0;
  /// Characters of the strings inside those four, for estimates of tokens. An escape counts as one,
  /// a number (a token id of an embedding) as four; left out are `data:` URLs, and strings over 256
  /// bytes named data, file_data, image_data or encrypted_content: their tokens do not depend on
  /// their length.
  std::uint64_t characters = 0;
};

/// Takes what an RFC 8259 reader takes, plus a leading byte order mark. UTF-8 is not checked.
/// Linear in the size of the body; allocates nothing but the texts and ids it gives.
RequestFacts read_request_facts(std::string_view body);
/// Reads it once more. All 0 of a body without facts.
PromptMeasure measure_prompt(std::string_view body);

}  // namespace spillway::aoai
