#pragma once
// What the gateway must know of a JSON request body: read once, at most 64 levels deep, never
// re-serialised. A body that is not JSON yields no facts; the backend will say what is wrong with it.

#include <cstddef>
#include <string>
#include <string_view>

namespace spillway::aoai {

struct RequestFacts {
  bool is_json_object = false;  // well-formed to the last byte
  bool wants_stream = false;    // top-level "stream": true
  bool has_model = false;       // a top-level "model" with a string value
  std::string model;            // decoded
  /// Where the value of "model", quotes included, stands in the body. The last one if repeated.
  std::size_t model_offset = 0;
  std::size_t model_length = 0;
};

RequestFacts read_request_facts(std::string_view body);

/// The body with only the value of "model" replaced; everything else byte for byte.
std::string replace_model(std::string_view body, const RequestFacts& facts,
                          std::string_view model);

}  // namespace spillway::aoai
