// `limits`, `log` and `server`: the process as a whole.

#include "scalars.hpp"
#include "sections.hpp"

namespace spillway::config {
namespace {

constexpr std::uint64_t kKiB = 1ULL << 10U;
constexpr std::uint64_t kGiB = 1ULL << 30U;
constexpr std::uint64_t kTiB = 1ULL << 40U;
constexpr Range<std::uint64_t> kBodies = {kKiB, kTiB};
constexpr Range<std::uint64_t> kBuffers = {0, 64 * kGiB};
// What the tests' other reader takes: Beast 345 throws above 64 KiB (docs/toolchain-notes.md).
constexpr Range<std::uint64_t> kHeaderBytes = {kKiB, 60 * kKiB};
constexpr Range<std::uint64_t> kPartsOfHead = {256, 60 * kKiB};
constexpr Range<std::uint64_t> kChunkFraming = {0, 60 * kKiB};
constexpr Range<std::uint64_t> kRates = {0, kGiB};
constexpr Range<unsigned> kCounts = {0, 1'000'000};
constexpr Range<unsigned> kRequestsPerConnection = {0, 1'000'000'000};
constexpr Range<std::uint64_t> kMemory = {0, kTiB};
constexpr std::uint64_t kLeastMemory = 64 * kKiB * kKiB;  // below it an idle gateway would shed
constexpr Range<Duration> kTimeouts = {1ms, std::chrono::hours(24)};
constexpr Range<Duration> kTimeoutsOrNone = {0ms, std::chrono::hours(24)};

void read_sizes(Section& section, Limits& out) {
  section.size("max_request_body", out.max_request_body, kBodies);
  section.size("max_upload_body", out.max_upload_body, kBodies);
  section.size("replay_buffer", out.replay_buffer, kBuffers);
  section.size("replay_memory", out.replay_memory, kBuffers);
  if (out.replay_buffer > out.replay_memory) {
    section.reading().report(section.place_of("replay_buffer"), format_size(out.replay_buffer) +
                                                                    " for one request is more than "
                                                                    "replay_memory (" +
                                                                    format_size(out.replay_memory) +
                                                                    ") for all");
  }
}

void read_head_bounds(Section& section, Limits& out) {
  section.size("max_request_line_bytes", out.max_request_line_bytes, kPartsOfHead);
  section.size("max_header_bytes", out.max_header_bytes, kHeaderBytes);
  section.number("max_headers", out.max_headers, {1, 1000});
  section.size("max_field_value_bytes", out.max_field_value_bytes, kPartsOfHead);
  section.size("max_chunk_extension_bytes", out.max_chunk_extension_bytes, kChunkFraming);
  section.size("max_trailer_bytes", out.max_trailer_bytes, kChunkFraming);
}

void read_counts(Section& section, Limits& out) {
  section.number("max_connections", out.max_connections, {1, 1'000'000});
  section.number("max_connections_per_address", out.max_connections_per_address, kCounts);
  section.number("max_handshakes", out.max_handshakes, {1, 1'000'000});
  section.number("max_requests", out.max_requests, kCounts);
  section.number("max_requests_per_connection", out.max_requests_per_connection,
                 kRequestsPerConnection);
}

void read_times(Section& section, Limits& out) {
  section.duration("max_connection_age", out.max_connection_age, kTimeoutsOrNone);
  section.duration("handshake_timeout", out.handshake_timeout, kTimeouts);
  section.duration("header_timeout", out.header_timeout, kTimeouts);
  section.duration("body_timeout", out.body_timeout, kTimeouts);
  section.duration("max_body_time", out.max_body_time, kTimeoutsOrNone);
  section.size("min_body_rate", out.min_body_rate, kRates);
  section.duration("idle_timeout", out.idle_timeout, kTimeouts);
  section.duration("write_timeout", out.write_timeout, kTimeouts);
  section.size("min_write_rate", out.min_write_rate, kRates);
  section.duration("rate_grace", out.rate_grace, kTimeouts);
}

void read_memory(Section& section, Limits& out) {
  if (!section.find("max_memory")) return;
  std::uint64_t most = 0;
  section.size("max_memory", most, kMemory);
  if (most > 0 && most < kLeastMemory) {
    section.reading().report(section.place_of("max_memory"),
                             format_size(most) + " is less than the gateway needs idle; write " +
                                 format_size(kLeastMemory) + " or more, or 0B for no limit");
  }
  out.max_memory = most;
}

void read_response_headers(Section& server, ResponseHeaders& out) {
  const auto value = server.find("response_headers");
  if (!value) return;
  Section headers(server.reading(), *value);
  headers.flag("request_id", out.request_id);
  headers.flag("backend", out.backend);
  headers.flag("attempts", out.attempts);
  headers.finish();
}

// The system takes 107 bytes; while it is made, the socket has a longer name.
void read_upgrade_socket(Section& server, std::string& out) {
  constexpr std::size_t kMaxBytes = 90;
  server.text("upgrade_socket", out);
  if (out.empty()) return;
  if (out.front() != '/') {
    server.reading().report(
        server.place_of("upgrade_socket"),
        "\"" + out + "\" is no absolute path; write /run/spillway/upgrade.sock");
  } else if (out.size() > kMaxBytes) {
    server.reading().report(server.place_of("upgrade_socket"),
                            std::to_string(out.size()) + " bytes are too long for the path of a " +
                                "socket; at most " + std::to_string(kMaxBytes));
  }
}

}  // namespace

void read_limits(Section& root, Limits& out) {
  const auto value = root.find("limits");
  if (!value) return;
  Section section(root.reading(), *value);
  read_sizes(section, out);
  read_head_bounds(section, out);
  read_counts(section, out);
  read_times(section, out);
  read_memory(section, out);
  section.finish();
}

void read_log(Section& root, Log& out) {
  const auto value = root.find("log");
  if (!value) return;
  Section section(root.reading(), *value);
  section.choice<LogLevel>("level", out.level,
                           {{"trace", LogLevel::trace},
                            {"debug", LogLevel::debug},
                            {"info", LogLevel::info},
                            {"warning", LogLevel::warning},
                            {"error", LogLevel::error},
                            {"critical", LogLevel::critical}});
  section.choice<LogFormat>("format", out.format,
                            {{"json", LogFormat::json}, {"text", LogFormat::text}});
  section.flag("access", out.access);
  section.text("file", out.file);
  section.finish();
}

void read_server(Section& root, Server& out) {
  const auto value = root.find("server");
  if (!value) return;
  Section section(root.reading(), *value);
  section.number("threads", out.threads, {0, 1024});
  section.duration("drain_timeout", out.drain_timeout, {0s, std::chrono::hours(24)});
  section.text("state_directory", out.state_directory);
  read_upgrade_socket(section, out.upgrade_socket);
  read_response_headers(section, out.response_headers);
  section.finish();
}

}  // namespace spillway::config
