#include <spillway/telemetry/access_record.hpp>
#include <spillway/telemetry/log_line.hpp>

namespace spillway::telemetry {
namespace {

void add_if_any(LogLine& line, std::string_view key, std::string_view text) {
  if (!text.empty()) line.add_text(key, text);
}

void add_if_any(LogLine& line, std::string_view key, std::uint64_t number) {
  if (number != 0) line.add_number(key, number);
}

void add_tokens(LogLine& line, const TokenCounts& tokens) {
  if (!tokens.is_known) return;
  line.add_text("usage", tokens.is_estimated ? "estimated" : "exact");
  line.add_number("input_tokens", tokens.input);
  line.add_number("output_tokens", tokens.output);
  line.add_number("total_tokens", tokens.total);
  add_if_any(line, "cached_tokens", tokens.cached);
  add_if_any(line, "cache_write_tokens", tokens.cache_write);
  add_if_any(line, "reasoning_tokens", tokens.reasoning);
  add_if_any(line, "input_audio_tokens", tokens.input_audio);
  add_if_any(line, "input_image_tokens", tokens.input_image);
  add_if_any(line, "output_audio_tokens", tokens.output_audio);
  if (tokens.audio_milliseconds != 0) {
    line.add_milliseconds("audio_ms", std::chrono::milliseconds(tokens.audio_milliseconds));
  }
}

// Whose answer the caller got: the last that was called.
const TokenCounts* delivered_tokens(const AccessRecord& record) {
  return record.attempts.empty() ? nullptr : &record.attempts.back().tokens;
}

std::string attempt_object(const AttemptRecord& attempt) {
  LogLine object(LogFormat::json);
  object.add_text("backend", attempt.backend);
  add_if_any(object, "deployment", attempt.deployment);
  object.add_text("outcome", attempt.outcome);
  object.add_number("status", std::uint64_t{attempt.status});
  add_if_any(object, "fault", attempt.fault);
  add_if_any(object, "reason", attempt.reason);
  if (!attempt.delay_source.empty()) {
    object.add_text("delay_source", attempt.delay_source);
    object.add_milliseconds("delay_ms", attempt.delay);
  }
  object.add_milliseconds("duration_ms", attempt.duration);
  object.add_flag("reused", attempt.is_reused);
  if (attempt.tokens.is_known) {
    object.add_text("usage", attempt.tokens.is_estimated ? "estimated" : "exact");
    object.add_number("total_tokens", attempt.tokens.total);
  }
  return object.take();
}

// `eastus-ptu:429/throttled,sweden:0/fault/connect_failed,sweden2:200/success`
std::string attempts_text(const std::vector<AttemptRecord>& attempts) {
  std::string text;
  for (const AttemptRecord& attempt : attempts) {
    if (!text.empty()) text += ',';
    text += attempt.backend;
    text += ':';
    text += std::to_string(attempt.status);
    text += '/';
    text += attempt.outcome;
    if (attempt.fault.empty()) continue;
    text += '/';
    text += attempt.fault;
  }
  return text;
}

void add_attempts(LogLine& line, const std::vector<AttemptRecord>& attempts) {
  line.add_number("attempt_count", std::uint64_t{attempts.size()});
  if (line.format() == LogFormat::text) {
    add_if_any(line, "attempts", attempts_text(attempts));
    return;
  }
  std::vector<std::string> objects;
  objects.reserve(attempts.size());
  for (const AttemptRecord& attempt : attempts)
    objects.push_back(attempt_object(attempt));
  line.add_objects("attempts", objects);
}

// Numbers and our own words first, what callers can make long after them: a line that has to be cut
// keeps what operators count by.
std::string format_line(const AccessRecord& record, LogFormat format) {
  LogLine line(format);
  line.begin(record.time, LogLevel::info, "request");
  line.add_text("request_id", record.request_id);
  line.add_text("client", record.client);
  add_if_any(line, "app_id", record.app_id);
  add_if_any(line, "object_id", record.object_id);
  line.add_text("peer", record.peer);
  add_if_any(line, "client_address", record.client_address);
  line.add_text("method", record.method);
  line.add_number("status", std::uint64_t{record.status});
  line.add_text("ending", name_of(record.ending));
  line.add_milliseconds("total_ms", record.total);
  line.add_milliseconds("first_byte_ms", record.first_byte);
  line.add_number("request_bytes", record.request_bytes);
  line.add_number("response_bytes", record.response_bytes);
  line.add_flag("stream", record.is_stream);
  add_if_any(line, "events", record.events);
  add_if_any(line, "upgrade", record.upgrade);
  add_if_any(line, "messages_in", record.messages_in);
  add_if_any(line, "messages_out", record.messages_out);
  if (const TokenCounts* tokens = delivered_tokens(record)) add_tokens(line, *tokens);
  line.add_text("operation", record.operation);
  line.add_text("deployment", record.deployment);
  line.add_text("pool", record.pool);
  line.add_text("backend", record.backend);
  line.add_text("target", record.target);
  add_if_any(line, "error_code", record.error_code);
  add_if_any(line, "error", record.error);
  add_if_any(line, "client_retry_count", std::uint64_t{record.client_retry_count});
  add_attempts(line, record.attempts);
  return line.take();
}

}  // namespace

std::string_view name_of(Ending ending) {
  switch (ending) {
    case Ending::complete:
      return "complete";
    case Ending::refused:
      return "refused";
    case Ending::client_gone:
      return "client_gone";
    case Ending::upstream_cut:
      return "upstream_cut";
    case Ending::timed_out:
      return "timed_out";
    case Ending::shutting_down:
      break;
  }
  return "shutting_down";
}

std::string format_json(const AccessRecord& record) {
  return format_line(record, LogFormat::json);
}

std::string format_text(const AccessRecord& record) {
  return format_line(record, LogFormat::text);
}

}  // namespace spillway::telemetry
