#include <spillway/base/text.hpp>
#include <spillway/identity/small_file.hpp>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace spillway::identity {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

base::Error unreadable(const std::string& path, const std::string& why) {
  return {base::Fault::internal, base::Side::gateway,
          "cannot read '" + base::json_escape(path, 300) + "': " + why};
}

std::string text_of(int error) {
  if (error == ELOOP) return "it is a symbolic link";
  return std::generic_category().message(error);
}

// Reads until the end, or one byte more than allowed.
int read_all(int fd, std::string& content) {
  std::size_t got = 0;
  while (got < content.size()) {
    const ssize_t came = ::read(fd, content.data() + got, content.size() - got);
    if (came < 0 && errno == EINTR) continue;
    if (came < 0) return errno;
    if (came == 0) break;
    got += static_cast<std::size_t>(came);
  }
  content.resize(got);
  return 0;
}

}  // namespace

base::Result<base::Secret> read_small_file(const std::string& path, std::size_t most, Links links) {
  if (path.find('\0') != std::string::npos) return unreadable(path, "its name holds a NUL");
  // O_NONBLOCK: a FIFO must not hold up the control thread.
  const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (links == Links::refused ? O_NOFOLLOW : 0);
  const Descriptor file(::open(path.c_str(), flags));
  if (file.get() < 0) return unreadable(path, text_of(errno));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return unreadable(path, text_of(errno));
  if (!S_ISREG(status.st_mode)) return unreadable(path, "it is not a regular file");
  std::string content(most + 1, '\0');  // all the room at once: no copy is left behind by growing
  const int error = read_all(file.get(), content);
  const bool is_too_large = content.size() > most;
  base::Secret secret(std::move(content));
  if (error != 0) return unreadable(path, text_of(error));
  if (is_too_large) {
    return unreadable(path, "it is larger than " + std::to_string(most) + " bytes");
  }
  return secret;
}

base::Secret trimmed_visible(const base::Secret& text) {
  constexpr std::string_view blanks = " \t\r\n";
  std::string_view rest = text.reveal();
  const auto first = rest.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  rest = rest.substr(first, rest.find_last_not_of(blanks) - first + 1);
  const auto is_visible = [](char c) { return c > ' ' && c < 0x7F; };
  if (!std::all_of(rest.begin(), rest.end(), is_visible)) return {};
  return base::Secret(std::string(rest));
}

}  // namespace spillway::identity
