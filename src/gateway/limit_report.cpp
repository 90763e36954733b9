#include <spillway/gateway/limit_report.hpp>

#include <chrono>

namespace spillway::gateway {
namespace {

std::uint64_t milliseconds(base::Duration duration) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

std::uint64_t value_of(const std::atomic<std::uint64_t>& number) {
  return number.load(std::memory_order_relaxed);
}

std::uint64_t configured_time(const config::Limits& limits, Limit limit) {
  switch (limit) {
    case Limit::max_connection_age:
      return milliseconds(limits.max_connection_age);
    case Limit::handshake_timeout:
      return milliseconds(limits.handshake_timeout);
    case Limit::header_timeout:
      return milliseconds(limits.header_timeout);
    case Limit::body_timeout:
      return milliseconds(limits.body_timeout);
    case Limit::max_body_time:
      return milliseconds(limits.max_body_time);
    case Limit::idle_timeout:
      return milliseconds(limits.idle_timeout);
    case Limit::write_timeout:
      return milliseconds(limits.write_timeout);
    default:
      return 0;
  }
}

std::uint64_t configured_size(const config::Limits& limits, Limit limit) {
  switch (limit) {
    case Limit::max_request_line_bytes:
      return limits.max_request_line_bytes;
    case Limit::max_header_bytes:
      return limits.max_header_bytes;
    case Limit::max_field_value_bytes:
      return limits.max_field_value_bytes;
    case Limit::max_chunk_extension_bytes:
      return limits.max_chunk_extension_bytes;
    case Limit::max_trailer_bytes:
      return limits.max_trailer_bytes;
    case Limit::max_request_body:
      return limits.max_request_body;
    case Limit::max_upload_body:
      return limits.max_upload_body;
    case Limit::replay_memory:
      return limits.replay_memory;
    case Limit::min_body_rate:
      return limits.min_body_rate;
    case Limit::min_write_rate:
      return limits.min_write_rate;
    default:
      return configured_time(limits, limit);
  }
}

std::uint64_t configured(const config::Limits& limits, const ProcessState& process, Limit limit) {
  switch (limit) {
    case Limit::max_connections:
      return limits.max_connections;
    case Limit::max_connections_per_address:
      return limits.max_connections_per_address;
    case Limit::max_handshakes:
      return limits.max_handshakes;
    case Limit::max_requests:
      return limits.max_requests;
    case Limit::max_requests_per_connection:
      return limits.max_requests_per_connection;
    case Limit::max_headers:
      return limits.max_headers;
    case Limit::max_memory:
      return value_of(process.memory_ceiling);
    case Limit::descriptors:
      return value_of(process.descriptor_limit);
    default:
      return configured_size(limits, limit);
  }
}

std::optional<std::uint64_t> current(const ProcessState& process, Limit limit) {
  switch (limit) {
    case Limit::max_connections:
      return value_of(process.client_connections);
    case Limit::max_handshakes:
      return value_of(process.handshakes);
    case Limit::max_requests:
      return value_of(process.requests_admitted);
    case Limit::replay_memory:
      return value_of(process.replay_memory_bytes);
    case Limit::max_memory:
      return value_of(process.memory_in_use);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::vector<LimitStatus> report_limits(const config::Limits& limits, const ProcessState& process) {
  std::vector<LimitStatus> report;
  report.reserve(kLimits);
  for (std::size_t i = 0; i < kLimits; ++i) {
    const auto limit = static_cast<Limit>(i);
    report.push_back({limit, configured(limits, process, limit), current(process, limit),
                      process.limit_hits.hits(limit)});
  }
  return report;
}

}  // namespace spillway::gateway
