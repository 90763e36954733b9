#include <spillway/gateway/limit_counters.hpp>

namespace spillway::gateway {
namespace {

constexpr std::array<std::string_view, kLimits> kNames = {
    "max_connections",
    "max_connections_per_address",
    "max_handshakes",
    "max_requests",
    "max_requests_per_connection",
    "max_connection_age",
    "max_request_line_bytes",
    "max_header_bytes",
    "max_headers",
    "max_field_value_bytes",
    "max_chunk_extension_bytes",
    "max_trailer_bytes",
    "max_request_body",
    "max_upload_body",
    "replay_memory",
    "handshake_timeout",
    "header_timeout",
    "body_timeout",
    "max_body_time",
    "min_body_rate",
    "idle_timeout",
    "write_timeout",
    "min_write_rate",
    "max_memory",
    "descriptors",
};
static_assert(!kNames.back().empty(), "a limit has no name");

}  // namespace

std::string_view name_of(Limit limit) {
  return kNames[static_cast<std::size_t>(limit)];
}

std::optional<Limit> limit_of(http::Bound bound) {
  switch (bound) {
    case http::Bound::none:
      break;
    case http::Bound::request_line:
      return Limit::max_request_line_bytes;
    case http::Bound::header_bytes:
      return Limit::max_header_bytes;
    case http::Bound::header_count:
      return Limit::max_headers;
    case http::Bound::field_value:
      return Limit::max_field_value_bytes;
    case http::Bound::chunk_extensions:
      return Limit::max_chunk_extension_bytes;
    case http::Bound::trailers:
      return Limit::max_trailer_bytes;
  }
  return std::nullopt;
}

void LimitCounters::count(http::Bound bound) {
  if (const auto limit = limit_of(bound)) count(*limit);
}

}  // namespace spillway::gateway
