// The part of config that touches the system: the process's environment and files.

#include <spillway/config/load.hpp>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace spillway::config {
namespace {

constexpr std::size_t kMaxSubstitutedFile = 1U << 20U;

// A file descriptor that closes itself.
class Descriptor {
 public:
  // O_NONBLOCK: a FIFO must not hold up the start.
  explicit Descriptor(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::string message_of(int error) {
  return std::generic_category().message(error);
}

// What keeps the file from being read; nothing if it can be.
std::optional<std::string> obstacle(const std::string& path) {
  if (path.find('\0') != std::string::npos) return "its name holds a NUL character";
  const Descriptor file(path);
  if (file.get() < 0) return message_of(errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return message_of(errno);
  if (!S_ISREG(status.st_mode)) return "it is not a regular file";
  return std::nullopt;
}

std::optional<std::string> read_environment(const std::string& name) {
  // Read only while starting and reloading, and nothing in Spillway sets a variable.
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::optional<std::string> read_file(const std::string& path) {
  if (obstacle(path)) return std::nullopt;
  const Descriptor file(path);
  std::string content;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > kMaxSubstitutedFile) return std::nullopt;
  }
}

}  // namespace

Sources system_sources() {
  return {read_environment, read_file};
}

std::vector<Problem> check_files(const Configuration& configuration) {
  std::vector<Problem> problems;
  for (const FileUse& use : configuration.files) {
    const auto found = obstacle(use.file);
    if (!found) continue;
    problems.push_back({use.line, use.column, use.path,
                        use.file + " cannot be read: " + *found +
                            "; it must exist and be readable by the user that runs spillway"});
  }
  return problems;
}

}  // namespace spillway::config
