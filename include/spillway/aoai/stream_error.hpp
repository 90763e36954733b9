#pragma once
// An error that a backend put into a stream after answering 200 (wire reference §4.1, §5.3), and
// the status that it would have been.

#include <string>
#include <string_view>
#include <vector>

namespace spillway::aoai {

struct StreamError {
  struct Header {
    std::string_view name;  // one of a fixed list, lower case
    std::string value;
  };

  unsigned status = 500;
  std::string code;     // as in the event, at most 256 bytes; empty: none
  std::string type;     // likewise
  std::string message;  // likewise
  /// Nothing of what the caller asked for had come by then: another backend may still answer.
  bool came_before_output = true;
  /// Those of `error.headers` that say when to come back, each once: retry-after-ms, retry-after,
  /// x-ms-retry-after-ms, x-ratelimit-reset-requests, x-ratelimit-reset-tokens.
  std::vector<Header> headers;
};

/// The HTTP status for an error's fields: a `status` from 400 to 599, else a code that is such a
/// number, else what the code or (where that says nothing) the type is known to mean; 500 if nobody
/// knows. 400-class means that the caller is to blame, save 408 and 429.
unsigned status_of_stream_error(std::string_view status, std::string_view code,
                                std::string_view type);

}  // namespace spillway::aoai
