#pragma once
// The other end of daemon/predecessor: a gateway that runs waits at server.upgrade_socket for its
// successor, gives it the listening sockets, and drains once that one can serve. Until then the
// successor may fail at any step, and nothing has changed here. The control thread.

#include <spillway/base/descriptor.hpp>
#include <spillway/base/result.hpp>
#include <spillway/net/deadline.hpp>
#include <spillway/net/task.hpp>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace spillway::daemon {

/// Sockets that listen on one address.
struct NamedSockets {
  std::string name;
  std::vector<int> descriptors;  // not owned; valid until something is awaited
};

struct HandOverActions {
  std::function<std::vector<NamedSockets>()> sockets;
  /// Closes what only one process may have open. False: not in time.
  std::function<bool()> release_store;
  /// The successor failed; what was released is taken back.
  std::function<void(const std::string& why)> take_back;
  /// The successor serves; only draining is left to do.
  std::function<void()> leave;
};

class HandOver {
 public:
  /// From the first word to the last.
  static constexpr auto kTimeLimit = std::chrono::seconds(90);

  HandOver(net::asio::io_context& context, net::DeadlineWheel& wheel, HandOverActions actions);
  /// Removes the socket's file if it is still ours.
  ~HandOver();
  HandOver(const HandOver&) = delete;
  HandOver& operator=(const HandOver&) = delete;

  /// Makes the socket, for this user only, beside `path`. Error: it cannot be made.
  base::Result<void> prepare(const std::string& path);
  /// Puts it at `path`, in place of what is there: successors come here from now on. Error: it
  /// cannot be put there, or something is there that is no socket.
  base::Result<void> publish();
  /// Serves one successor after the other until one has taken over.
  net::Task<void> run();
  /// From the first word of a successor to its last.
  [[nodiscard]] bool is_under_way() const { return is_under_way_; }

 private:
  using Stream = net::asio::posix::basic_stream_descriptor<net::Executor>;
  enum class Step : std::uint8_t { go_on, over, failed };

  net::Task<void> serve(base::Descriptor connection);
  Step answer(int socket, std::string_view question, std::string& problem);
  Step give_sockets(int socket, std::string& problem) const;
  void remove_file();

  net::asio::io_context& context_;
  net::DeadlineWheel& wheel_;
  HandOverActions actions_;
  std::string path_;
  std::string made_as_;  // until it is published
  ino_t inode_ = 0;      // of the file, which a successor replaces
  Stream listener_;
  bool is_under_way_ = false;
};

}  // namespace spillway::daemon
