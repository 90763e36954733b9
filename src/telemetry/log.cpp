#include <spillway/base/published.hpp>
#include <spillway/telemetry/line_writer.hpp>
#include <spillway/telemetry/log.hpp>

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace spillway::telemetry::log {
namespace {

constexpr std::chrono::milliseconds kPatience{100};

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

// spdlog's own sinks wait for a full pipe; this one drops and says how much.
class DroppingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  DroppingSink(int descriptor, LogFormat format)
      : writer_(descriptor, kPatience), format_(format) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (lost_count_ != 0) report_lost();
    writer_.write({message.payload.data(), message.payload.size()});
    lost_count_ += writer_.take_lost_count();
  }
  void flush_() override {}

 private:
  void report_lost() {
    LogLine line(format_);
    line.begin(std::chrono::system_clock::now(), LogLevel::warning, "log_lines_lost");
    line.add_number("count", lost_count_);
    if (writer_.write(line.take())) lost_count_ = 0;
    // The report's own loss is none of the count.
    writer_.take_lost_count();
  }

  LineWriter writer_;
  LogFormat format_;
  std::uint64_t lost_count_ = 0;
};

struct State {
  Settings settings;
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

}  // namespace

void set_up(const Settings& settings) {
  auto next = std::make_shared<State>();
  next->settings = settings;
  auto sink = std::make_shared<DroppingSink>(settings.descriptor, settings.format);
  next->logger = std::make_shared<spdlog::logger>("spillway", std::move(sink));
  // Levels are decided here, before a line is built; access lines have none.
  next->logger->set_level(spdlog::level::trace);
  // A failure to log must not fill standard error, which is spdlog's default.
  next->logger->set_error_handler([](const std::string&) {});
  state().set(std::move(next));
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
