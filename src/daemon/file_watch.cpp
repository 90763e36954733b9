#include <spillway/daemon/file_watch.hpp>

#include <algorithm>
#include <sys/stat.h>
#include <utility>

namespace spillway::daemon {

FileWatch::Stamp FileWatch::look_at(const std::string& file) {
  Stamp stamp;
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return stamp;
  constexpr std::int64_t second = 1'000'000'000;
  stamp.device = status.st_dev;
  stamp.inode = status.st_ino;
  stamp.size = status.st_size;
  stamp.modified_ns = status.st_mtim.tv_sec * second + status.st_mtim.tv_nsec;
  return stamp;
}

void FileWatch::watch(const std::vector<std::string>& files) {
  std::vector<File> next;
  for (const std::string& name : files) {
    const auto known = std::find_if(files_.begin(), files_.end(),
                                    [&](const File& file) { return file.name == name; });
    if (known != files_.end()) {
      next.push_back(*known);
    } else {
      const Stamp now = look_at(name);
      next.push_back({name, now, now});
    }
  }
  files_ = std::move(next);
}

bool FileWatch::has_changed() {
  bool stands_still = true;
  for (File& file : files_) {
    const Stamp now = look_at(file.name);
    stands_still = stands_still && now == file.seen;
    file.seen = now;
  }
  const auto is_news = [](const File& file) { return !(file.seen == file.reported); };
  if (!stands_still || std::none_of(files_.begin(), files_.end(), is_news)) return false;
  for (File& file : files_)
    file.reported = file.seen;
  return true;
}

}  // namespace spillway::daemon
