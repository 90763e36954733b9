#include "affinity_file.hpp"
#include <spillway/daemon/affinity_store.hpp>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace spillway::daemon {
namespace {

using base::Error;
using base::Fault;
using base::Result;
using base::Side;
using base::SteadyClock;
using base::SteadyTime;
using telemetry::LogLevel;

constexpr std::size_t kBatch = 512;
constexpr auto kGather = std::chrono::milliseconds(100);
constexpr auto kPruneEvery = std::chrono::hours(1);
constexpr std::size_t kPruneAfter = 65'536;  // changes

std::string file_name_of(const AffinityStoreSettings& settings) {
  return settings.directory + "/affinity.sqlite";
}

std::optional<Error> check_directory(const std::string& directory) {
  std::error_code ignored;
  const std::string name = "server.state_directory " + directory;
  if (!std::filesystem::is_directory(directory, ignored)) {
    return Error(Fault::internal, Side::gateway,
                 name + " is no directory; make it, or leave the setting out");
  }
  if (::access(directory.c_str(), W_OK | X_OK) != 0) {
    return Error(Fault::internal, Side::gateway,
                 name + " is not writable for the user that Spillway runs as");
  }
  return std::nullopt;
}

// What the damaged file may still hold is not worth a day of its reader: ids are searched for.
void set_aside(const std::string& file) {
  std::error_code ignored;
  std::filesystem::rename(file, file + ".corrupt", ignored);
  for (const char* part : {"-wal", "-shm", "-journal"})
    std::filesystem::remove(file + part, ignored);
}

bool read_into(AffinityFile& file, const AffinityStoreSettings& settings,
               routing::Affinity& affinity) {
  const SteadyTime now = SteadyClock::now();
  const auto restore = [&](std::string_view client, std::string_view id, std::string_view backend) {
    affinity.restore(client, id, backend, now);
  };
  return file.prune(settings.bounds, settings.now() - settings.max_age) && file.visit(restore);
}

// Nothing: it is corrupt. What could be read before that shows is restored.
Result<std::optional<AffinityFile>> open_and_read(const std::string& name,
                                                  const AffinityStoreSettings& settings,
                                                  routing::Affinity& affinity) {
  auto file = AffinityFile::open(name, settings.lock_patience);
  if (!file || !file.value()) return file;
  if (read_into(*file.value(), settings, affinity)) return file;
  if (file.value()->trouble() != AffinityFile::Trouble::corrupt) {
    return Error(Fault::internal, Side::gateway,
                 name + " cannot be read: " + file.value()->error_text() + "; move it away");
  }
  return std::optional<AffinityFile>();
}

}  // namespace

// The queue, and the thread that takes from it.
class AffinityStore::Writer {
 public:
  Writer(AffinityStoreSettings settings, AffinityFile file, OnEvent on_event)
      : settings_(std::move(settings)), on_event_(std::move(on_event)), file_(std::move(file)) {
    thread_ = std::thread([this] { run(); });
  }

  ~Writer() {
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
    if (lost_ != 0)
      on_event_(LogLevel::warning, "affinity_lost", {{"count", std::to_string(lost_)}});
  }

  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void add(std::string_view client, std::string_view id, std::string_view backend) {
    AffinityChange change{std::string(client), std::string(id), std::string(backend),
                          settings_.now()};
    std::size_t waiting = 0;
    bool is_first_lost = false;
    {
      const std::lock_guard lock(mutex_);
      if (queue_.size() < settings_.queue_size) {
        queue_.push_back(std::move(change));
        ++added_;
      } else {
        ++lost_;
        is_first_lost = !std::exchange(has_been_full_, true);
      }
      waiting = queue_.size();
    }
    if (is_first_lost) {
      on_event_(LogLevel::warning, "affinity_queue_full",
                {{"waiting", std::to_string(waiting)},
                 {"what", "the disk is slower than ids come; some will be searched for later"}});
    }
    // In between the thread gathers.
    if (waiting == 1 || waiting == kBatch) wake_.notify_one();
  }

  void flush() {
    std::unique_lock lock(mutex_);
    const std::uint64_t target = added_;
    is_flushing_ = true;
    wake_.notify_one();
    written_changed_.wait(lock, [&] { return done_ >= target; });
    is_flushing_ = false;
  }

  [[nodiscard]] std::uint64_t lost_count() const {
    const std::lock_guard lock(mutex_);
    return lost_;
  }

  bool release(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    is_release_wanted_ = true;
    wake_.notify_one();
    return written_changed_.wait_for(lock, patience, [&] { return is_released_; });
  }

  void resume() {
    const std::lock_guard lock(mutex_);
    is_release_wanted_ = false;
    wake_.notify_one();
  }

 private:
  void run() {
    SteadyTime prune_at = SteadyClock::now() + kPruneEvery;
    std::size_t since_prune = 0;
    std::vector<AffinityChange> batch;
    for (bool is_more = true; is_more;) {
      is_more = gather(batch, prune_at);
      write(batch);
      if (is_more) lend_file();
      since_prune += batch.size();
      if (is_more && (since_prune >= kPruneAfter || SteadyClock::now() >= prune_at)) {
        prune();
        since_prune = 0;
        prune_at = SteadyClock::now() + kPruneEvery;
      }
    }
  }

  // False: the last one.
  bool gather(std::vector<AffinityChange>& batch, SteadyTime latest) {
    batch.clear();
    std::unique_lock lock(mutex_);
    const auto is_due = [&] {
      return is_ending_ || is_flushing_ || is_release_wanted_ || queue_.size() >= kBatch;
    };
    wake_.wait_until(lock, latest,
                     [&] { return !queue_.empty() || is_ending_ || is_release_wanted_; });
    wake_.wait_for(lock, kGather, is_due);
    batch.swap(queue_);
    return !is_ending_;
  }

  // While the file is another process's, changes wait in the queue. At our end that process has it
  // still, and what waits is lost to the file.
  void lend_file() {
    std::unique_lock lock(mutex_);
    if (!is_release_wanted_) return;
    lock.unlock();
    file_.reset();
    lock.lock();
    is_released_ = true;
    written_changed_.notify_all();
    wake_.wait(lock, [&] { return !is_release_wanted_ || is_ending_; });
    is_released_ = false;
    const bool is_over = is_ending_;
    lock.unlock();
    if (!is_over) take_file_back();
  }

  void take_file_back() {
    auto opened = AffinityFile::open(file_name_of(settings_), settings_.lock_patience);
    if (opened && opened.value()) {
      file_ = std::move(opened.value());
      return;
    }
    on_event_(LogLevel::error, "affinity_write_failed",
              {{"directory", settings_.directory},
               {"what", opened ? "the file is corrupt" : opened.error().detail()}});
  }

  void write(const std::vector<AffinityChange>& batch) {
    const bool is_written = batch.empty() || (file_ && file_->write(batch));
    if (!is_written && file_ && !std::exchange(is_failing_, true)) {
      on_event_(LogLevel::error, "affinity_write_failed",
                {{"directory", settings_.directory}, {"what", trouble()}});
    } else if (is_written && !batch.empty() && std::exchange(is_failing_, false)) {
      on_event_(LogLevel::info, "affinity_write_works", {{"directory", settings_.directory}});
    }
    {
      const std::lock_guard lock(mutex_);
      done_ += batch.size();
      if (!is_written) lost_ += batch.size();
    }
    written_changed_.notify_all();
  }

  void prune() {
    if (!file_ || file_->prune(settings_.bounds, settings_.now() - settings_.max_age)) return;
    on_event_(LogLevel::error, "affinity_prune_failed",
              {{"directory", settings_.directory}, {"what", trouble()}});
  }

  [[nodiscard]] std::string trouble() const {
    return file_ ? file_->error_text() : "the file is not open";
  }

  const AffinityStoreSettings settings_;
  const OnEvent on_event_;
  std::optional<AffinityFile> file_;  // empty: lent to another process
  bool is_failing_ = false;           // the thread's own, as is file_

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable written_changed_;
  std::vector<AffinityChange> queue_;
  std::uint64_t added_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t lost_ = 0;
  bool has_been_full_ = false;
  bool is_flushing_ = false;
  bool is_release_wanted_ = false;
  bool is_released_ = false;
  bool is_ending_ = false;
  std::thread thread_;
};

AffinityStore::AffinityStore(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}

AffinityStore::~AffinityStore() = default;

Result<std::unique_ptr<AffinityStore>> AffinityStore::open(const AffinityStoreSettings& settings,
                                                           routing::Affinity& affinity,
                                                           OnEvent on_event) {
  if (auto error = check_directory(settings.directory)) return std::move(*error);
  const std::string name = file_name_of(settings);
  auto file = open_and_read(name, settings, affinity);
  if (file && !file.value()) {
    set_aside(name);
    on_event(LogLevel::warning, "affinity_file_corrupt",
             {{"file", name}, {"set_aside_as", name + ".corrupt"}});
    file = open_and_read(name, settings, affinity);
  }
  if (!file) return file.error();
  if (!file.value()) {
    return Error(Fault::internal, Side::gateway, name + " is corrupt; move it away");
  }
  auto writer = std::make_unique<Writer>(settings, std::move(*file.value()), std::move(on_event));
  return std::unique_ptr<AffinityStore>(new AffinityStore(std::move(writer)));
}

void AffinityStore::on_learnt(std::string_view client, std::string_view id,
                              std::string_view backend) {
  writer_->add(client, id, backend);
}

void AffinityStore::on_forgotten(std::string_view client, std::string_view id) {
  writer_->add(client, id, {});
}

void AffinityStore::flush() {
  writer_->flush();
}

bool AffinityStore::release(std::chrono::milliseconds patience) {
  return writer_->release(patience);
}

void AffinityStore::resume() {
  writer_->resume();
}

std::uint64_t AffinityStore::lost_count() const {
  return writer_->lost_count();
}

}  // namespace spillway::daemon
