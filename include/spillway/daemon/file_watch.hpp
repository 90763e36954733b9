#pragma once
// Notices that files changed, by looking at them now and then: what a Kubernetes ConfigMap mounts
// changes by a symbolic link elsewhere, which no watch on the file itself would see. Blocking, but
// for as long as a stat() takes. One thread.

#include <cstdint>
#include <string>
#include <vector>

namespace spillway::daemon {

class FileWatch {
 public:
  FileWatch() = default;

  /// From here on these. What was watched before and changed in between is still a change.
  void watch(const std::vector<std::string>& files);

  /// Whether any of the files is another than when this last said so (or was made). Said once a
  /// change has stood still between two looks, so that no half-written file is read. A file that is
  /// gone is a change too.
  bool has_changed();

 private:
  struct Stamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct File {
    std::string name;
    Stamp reported;
    Stamp seen;
  };
  static Stamp look_at(const std::string& file);

  std::vector<File> files_;
};

}  // namespace spillway::daemon
