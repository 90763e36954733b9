#include <spillway/daemon/file_watch.hpp>

#include <sys/stat.h>
#include <utility>

namespace spillway::daemon {

FileWatch::FileWatch(std::vector<std::string> files)
    : files_(std::move(files)), reported_(look()), seen_(reported_) {}

std::vector<FileWatch::Stamp> FileWatch::look() const {
  std::vector<Stamp> stamps;
  stamps.reserve(files_.size());
  for (const std::string& file : files_) {
    Stamp stamp;
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0) {
      constexpr std::int64_t second = 1'000'000'000;
      stamp.device = status.st_dev;
      stamp.inode = status.st_ino;
      stamp.size = status.st_size;
      stamp.modified_ns = status.st_mtim.tv_sec * second + status.st_mtim.tv_nsec;
    }
    stamps.push_back(stamp);
  }
  return stamps;
}

bool FileWatch::has_changed() {
  std::vector<Stamp> now = look();
  const bool stands_still = now == seen_;
  seen_ = std::move(now);
  if (!stands_still || seen_ == reported_) return false;
  reported_ = seen_;
  return true;
}

}  // namespace spillway::daemon
