#pragma once
// One whole small exchange, for the control thread's own errands (tokens): request out, answer in
// memory. Not for callers' traffic.

#include <spillway/base/secret.hpp>
#include <spillway/http/message.hpp>
#include <spillway/upstream/exchange.hpp>

#include <memory>
#include <string>
#include <vector>

namespace spillway::upstream {

inline constexpr std::size_t kMaxFetchedBytes = 64U << 10U;

struct FetchField {
  std::string name;
  base::Secret value;
};

struct FetchRequest {
  std::string method = "GET";
  std::string target;
  http::FieldList fields;                 // besides Host, Content-Length and Connection
  std::vector<FetchField> secret_fields;  // after them
  base::Secret body;                      // empty: none
  std::size_t max_answer_bytes = kMaxFetchedBytes;
};

struct FetchAnswer {
  http::ResponseHead head;
  std::string body;
};

/// On a connection of its own, closed afterwards; redirects are not followed. `within`: for all of
/// it. Errors: as Exchange; upstream_malformed for an answer larger than max_answer_bytes.
net::Task<base::Result<FetchAnswer>> fetch(Transport& transport,
                                           std::shared_ptr<const Target> target,
                                           const FetchRequest& request, base::Duration within);

}  // namespace spillway::upstream
