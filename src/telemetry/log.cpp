#include <spillway/base/published.hpp>
#include <spillway/telemetry/log.hpp>
#include <spillway/telemetry/log_output.hpp>

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

namespace spillway::telemetry::log {
namespace {

using base::Descriptor;
using base::Error;
using base::Result;

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return spdlog::level::trace;
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::critical:
      break;
  }
  return spdlog::level::critical;
}

// spdlog's own sinks wait for a full pipe.
class QueueSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit QueueSink(std::shared_ptr<LogOutput> output) : output_(std::move(output)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    output_->push(std::string(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}

 private:
  std::shared_ptr<LogOutput> output_;
};

struct State {
  Settings settings;
  std::shared_ptr<LogOutput> output;
  std::shared_ptr<spdlog::logger> logger;
};

base::Published<State>& state() {
  static base::Published<State> published;
  return published;
}

bool is_on(const State* current, LogLevel level) {
  return current != nullptr && level >= current->settings.level;
}

void write_line(const State& current, LogLevel level, const std::string& line) {
  current.logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

std::string report_lost(std::uint64_t count) {
  const auto current = state().get();
  LogLine line(current ? current->settings.format : LogFormat::json);
  line.begin(std::chrono::system_clock::now(), LogLevel::warning, "log_lines_lost");
  line.add_number("count", count);
  return line.take();
}

Error failure(const std::string& what, int code) {
  return {base::Fault::internal, base::Side::gateway,
          what + ": " + std::system_category().message(code)};
}

// Not blocking: a named pipe that nobody reads is an error instead of a wait without end.
Result<Descriptor> open_destination(const Settings& settings) {
  if (settings.file.empty()) {
    Descriptor copy = Descriptor::duplicate_of(settings.descriptor);
    if (!copy.is_open()) return failure("standard output cannot be written to", errno);
    return copy;
  }
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  constexpr mode_t kMode = 0640;
  Descriptor file(::open(settings.file.c_str(), kFlags, kMode));
  if (!file.is_open()) {
    return failure("log.file " + settings.file +
                       " cannot be opened; does its directory exist, and may this user write there",
                   errno);
  }
  return file;
}

// One output for the life of the log: it is redirected, so that no line is lost in between.
std::shared_ptr<LogOutput> output_to(const State* current, Descriptor destination) {
  if (current == nullptr) return std::make_shared<LogOutput>(std::move(destination), report_lost);
  current->output->redirect(std::move(destination));
  return current->output;
}

}  // namespace

Result<void> set_up(const Settings& settings) {
  const auto current = state().get();
  auto destination = open_destination(settings);
  if (!destination && !current) return destination.error();
  auto next = std::make_shared<State>();
  next->settings = settings;
  next->output =
      destination ? output_to(current.get(), std::move(destination.value())) : current->output;
  next->logger =
      std::make_shared<spdlog::logger>("spillway", std::make_shared<QueueSink>(next->output));
  // Levels are decided here, before a line is built; access lines have none.
  next->logger->set_level(spdlog::level::trace);
  // A failure to log must not fill standard error, which is spdlog's default.
  next->logger->set_error_handler([](const std::string&) {});
  state().set(std::move(next));
  if (!destination) return destination.error();
  return {};
}

Result<void> reopen() {
  const auto current = state().get();
  if (!current || current->settings.file.empty()) return {};
  auto destination = open_destination(current->settings);
  if (!destination) return destination.error();
  current->output->redirect(std::move(destination.value()));
  return {};
}

bool flush(std::chrono::milliseconds patience) {
  const auto current = state().get();
  return !current || current->output->flush(patience);
}

std::uint64_t lost_count() {
  const auto current = state().get();
  return current ? current->output->lost_count() : 0;
}

void shut_down() {
  state().set(nullptr);
}

void Field::add_to(LogLine& line) const {
  if (const auto* text = std::get_if<std::string_view>(&value_)) {
    line.add_text(key_, *text);
  } else if (const auto* is_set = std::get_if<bool>(&value_)) {
    line.add_flag(key_, *is_set);
  } else if (const auto* number = std::get_if<std::int64_t>(&value_)) {
    line.add_number(key_, *number);
  } else if (const auto* count = std::get_if<std::uint64_t>(&value_)) {
    line.add_number(key_, *count);
  } else {
    line.add_milliseconds(key_, std::get<base::Duration>(value_));
  }
}

bool is_on(LogLevel level) {
  return is_on(state().get().get(), level);
}

void write(LogLevel level, std::string_view event, std::span<const Field> fields) {
  const auto current = state().get();
  if (!is_on(current.get(), level)) return;
  LogLine line(current->settings.format);
  line.begin(std::chrono::system_clock::now(), level, event);
  for (const Field& field : fields)
    field.add_to(line);
  write_line(*current, level, line.take());
}

void access(const AccessRecord& record) {
  const auto current = state().get();
  if (!current || !current->settings.has_access) return;
  const bool is_json = current->settings.format == LogFormat::json;
  write_line(*current, LogLevel::info, is_json ? format_json(record) : format_text(record));
}

}  // namespace spillway::telemetry::log
