#include <spillway/telemetry/line_writer.hpp>
#include <spillway/telemetry/log_output.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace spillway::telemetry {
namespace {

constexpr std::chrono::milliseconds kPatience{100};  // between two looks at what else is wanted
constexpr std::chrono::milliseconds kFarewell{1000};

}  // namespace

struct LogOutput::Channel {
  Channel(base::Descriptor first, Report tell_lost)
      : report(std::move(tell_lost)), next_destination(std::move(first)) {}

  // The thread's own.
  void run();
  bool take(std::vector<std::string>& lines);
  void adopt(std::unique_lock<std::mutex>& lock);
  void write(const std::string& line);
  void tell_lost();
  [[nodiscard]] bool is_interrupted();

  const Report report;
  base::Descriptor destination;
  std::optional<LineWriter> writer;
  std::uint64_t reported = 0;

  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable written;
  std::optional<base::Descriptor> next_destination;
  std::vector<std::string> queue;
  std::size_t queued_bytes = 0;
  std::uint64_t pushed = 0;
  std::uint64_t done = 0;
  std::uint64_t lost = 0;
  bool is_ending = false;
  bool has_ended = false;
};

void LogOutput::Channel::run() {
  std::vector<std::string> lines;
  while (take(lines)) {
    for (const std::string& line : lines) {
      tell_lost();
      write(line);
      const std::lock_guard lock(mutex);
      ++done;
    }
    written.notify_all();
  }
  const std::lock_guard lock(mutex);
  has_ended = true;
  written.notify_all();
}

// False: there is nothing left, and there will be nothing.
bool LogOutput::Channel::take(std::vector<std::string>& lines) {
  lines.clear();
  std::unique_lock lock(mutex);
  wake.wait(lock, [&] { return !queue.empty() || is_ending || next_destination; });
  adopt(lock);
  lines.swap(queue);
  queued_bytes = 0;
  return !lines.empty() || !is_ending;
}

// Closing may wait for a disk, so it is done without the lock.
void LogOutput::Channel::adopt(std::unique_lock<std::mutex>& lock) {
  if (!next_destination) return;
  base::Descriptor old = std::exchange(destination, std::move(*next_destination));
  next_destination.reset();
  lock.unlock();
  old = base::Descriptor();
  writer.emplace(destination.number(), kPatience);
  lock.lock();
}

bool LogOutput::Channel::is_interrupted() {
  std::unique_lock lock(mutex);
  adopt(lock);
  return is_ending;
}

void LogOutput::Channel::write(const std::string& line) {
  while (writer->wait_for_room(kPatience) == Room::none && !is_interrupted()) {
  }
  writer->write(line);
  const std::uint64_t count = writer->take_lost_count();
  const std::lock_guard lock(mutex);
  lost += count;
}

void LogOutput::Channel::tell_lost() {
  std::unique_lock lock(mutex);
  adopt(lock);
  const std::uint64_t all = lost;
  lock.unlock();
  if (all == reported) return;
  if (writer->write(report(all - reported))) reported = all;
  writer->take_lost_count();  // the report's own loss is none of the count
}

LogOutput::LogOutput(base::Descriptor destination, Report report)
    : channel_(std::make_shared<Channel>(std::move(destination), std::move(report))) {
  std::thread([channel = channel_] { channel->run(); }).detach();
}

LogOutput::~LogOutput() {
  std::unique_lock lock(channel_->mutex);
  channel_->is_ending = true;
  channel_->wake.notify_all();
  channel_->written.wait_for(lock, kFarewell, [this] { return channel_->has_ended; });
}

void LogOutput::push(std::string line) {
  bool is_first = false;
  {
    const std::lock_guard lock(channel_->mutex);
    if (channel_->queued_bytes + line.size() > kMaxQueuedBytes) {
      ++channel_->lost;
      return;
    }
    is_first = channel_->queue.empty();
    channel_->queued_bytes += line.size();
    channel_->queue.push_back(std::move(line));
    ++channel_->pushed;
  }
  if (is_first) channel_->wake.notify_one();
}

void LogOutput::redirect(base::Descriptor destination) {
  {
    const std::lock_guard lock(channel_->mutex);
    channel_->next_destination = std::move(destination);
  }
  channel_->wake.notify_one();
}

bool LogOutput::flush(std::chrono::milliseconds patience) {
  std::unique_lock lock(channel_->mutex);
  const std::uint64_t target = channel_->pushed;
  return channel_->written.wait_for(lock, patience, [&] { return channel_->done >= target; });
}

std::uint64_t LogOutput::lost_count() const {
  const std::lock_guard lock(channel_->mutex);
  return channel_->lost;
}

}  // namespace spillway::telemetry
