#include "hand_over_message.hpp"
#include <spillway/daemon/hand_over.hpp>

#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <span>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace spillway::daemon {
namespace {

using base::Descriptor;
using base::Result;

base::Error socket_failure(const std::string& path, const std::string& what) {
  return hand_over_failure("server.upgrade_socket " + path + " " + what);
}

std::string system_reason() {
  return std::system_category().message(errno);
}

}  // namespace

HandOver::HandOver(net::asio::io_context& context, net::DeadlineWheel& wheel,
                   HandOverActions actions)
    : context_(context),
      wheel_(wheel),
      actions_(std::move(actions)),
      listener_(context.get_executor()) {}

HandOver::~HandOver() {
  remove_file();
}

Result<void> HandOver::prepare(const std::string& path) {
  path_ = path;
  made_as_ = path + "." + std::to_string(::getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (made_as_.size() >= sizeof(address.sun_path)) return socket_failure(path, "is too long");
  std::copy(made_as_.begin(), made_as_.end(), address.sun_path);
  Descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ::unlink(made_as_.c_str());
  ::fchmod(socket.number(), S_IRUSR | S_IWUSR);  // what bind gives the file (unix(7))
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(socket.number(), where, sizeof(address)) != 0 || ::listen(socket.number(), 4) != 0) {
    return socket_failure(path, "cannot be made: " + system_reason() +
                                    "; does its directory exist, and may this user write there?");
  }
  struct stat file {};
  if (::stat(made_as_.c_str(), &file) == 0) inode_ = file.st_ino;
  listener_.assign(socket.release());
  return {};
}

Result<void> HandOver::publish() {
  struct stat there {};
  if (::lstat(path_.c_str(), &there) == 0 && !S_ISSOCK(there.st_mode)) {
    return socket_failure(path_, "is something else already; move it away");
  }
  if (std::rename(made_as_.c_str(), path_.c_str()) != 0) {
    return socket_failure(path_, "cannot be put in place: " + system_reason());
  }
  made_as_.clear();
  return {};
}

// The file first: whoever finds nobody there, and puts its own in place, does so after this.
void HandOver::remove_file() {
  if (!listener_.is_open()) return;
  const std::string& name = made_as_.empty() ? path_ : made_as_;
  struct stat file {};
  if (::lstat(name.c_str(), &file) == 0 && file.st_ino == inode_) ::unlink(name.c_str());
}

net::Task<void> HandOver::run() {
  while (listener_.is_open()) {
    boost::system::error_code error;
    co_await listener_.async_wait(Stream::wait_read,
                                  net::asio::redirect_error(net::use_task, error));
    if (error || !listener_.is_open()) co_return;
    Descriptor connection(
        ::accept4(listener_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!connection.is_open()) continue;
    co_await serve(std::move(connection));
  }
}

net::Task<void> HandOver::serve(Descriptor connection) {
  std::string problem;
  if (const auto checked = check_peer(connection.number()); !checked) {
    actions_.take_back(checked.error().detail());
    co_return;
  }
  Stream stream(context_.get_executor(), connection.release());
  net::Deadline deadline(wheel_, [&stream] { stream.close(); });
  deadline.set_after(kTimeLimit);
  is_under_way_ = true;
  Step step = Step::go_on;
  while (step == Step::go_on) {
    boost::system::error_code error;
    co_await stream.async_wait(Stream::wait_read, net::asio::redirect_error(net::use_task, error));
    step = Step::failed;
    if (deadline.is_expired()) {
      problem = "it took too long";
    } else if (auto message = receive_message(stream.native_handle()); !message) {
      problem = message.error().detail();
    } else {
      step = answer(stream.native_handle(), message.value().text, problem);
    }
  }
  if (step == Step::over) {
    // It closes once its own socket has our name; until then the next one finds us there. The file
    // is not ours to remove any more.
    inode_ = 0;
    boost::system::error_code error;
    co_await stream.async_wait(Stream::wait_read, net::asio::redirect_error(net::use_task, error));
  }
  is_under_way_ = false;
  if (step == Step::failed) {
    actions_.take_back(problem);
    co_return;
  }
  listener_.close();
  actions_.leave();
}

HandOver::Step HandOver::answer(int socket, std::string_view question, std::string& problem) {
  if (question == kTake) return give_sockets(socket, problem);
  const bool is_store = question == kStore;
  if (!is_store && question != kReady) {
    problem = question.empty() ? "it ended before it could serve; its log says why"
                               : "it asks what is not known here; is it another version?";
    return Step::failed;
  }
  if (is_store && !actions_.release_store()) {
    problem = "server.state_directory is too slow to let go of it";
    return Step::failed;
  }
  if (const auto sent = send_message(socket, is_store ? kStoreIsFree : kYours); !sent) {
    problem = sent.error().detail();
    return Step::failed;
  }
  return is_store ? Step::go_on : Step::over;
}

HandOver::Step HandOver::give_sockets(int socket, std::string& problem) const {
  std::size_t count = 0;
  for (const NamedSockets& named : actions_.sockets()) {
    const std::string text = std::string(kSockets) + named.name;
    std::span<const int> rest(named.descriptors);
    while (!rest.empty()) {
      const auto some = rest.first(std::min(rest.size(), kMaxMessageDescriptors));
      if (const auto sent = send_message(socket, text, some); !sent) {
        problem = sent.error().detail();
        return Step::failed;
      }
      rest = rest.subspan(some.size());
      count += some.size();
    }
  }
  const auto sent = send_message(socket, std::string(kAll) + std::to_string(count));
  if (sent) return Step::go_on;
  problem = sent.error().detail();
  return Step::failed;
}

}  // namespace spillway::daemon
