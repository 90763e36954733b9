#pragma once
// The gateway that runs already, as its successor sees it (`spillway serve --take-over`): gives its
// listening sockets, lets go of its files, and drains once the successor can serve. Blocking, with
// time limits; used before this process serves anybody.

#include <spillway/base/descriptor.hpp>
#include <spillway/base/result.hpp>
#include <spillway/daemon/inherited_sockets.hpp>

#include <optional>
#include <string>
#include <utility>

namespace spillway::daemon {

class Predecessor {
 public:
  /// Nothing: nobody listens there, there is nobody to take over from. Error: somebody of another
  /// user does, or it cannot be connected to.
  static base::Result<std::optional<Predecessor>> find(const std::string& path);

  /// Adds all its listening sockets; it goes on listening too.
  base::Result<void> take_sockets(InheritedSockets& sockets);
  /// It closes what only one process may have open in server.state_directory.
  base::Result<void> ask_for_store();
  /// Tells that this process can serve. Afterwards that one drains, as soon as this object is gone,
  /// and this one must serve. On an error that one goes on and this one must not.
  base::Result<void> succeed();

 private:
  explicit Predecessor(base::Descriptor socket) : socket_(std::move(socket)) {}
  base::Result<void> ask(std::string_view question, std::string_view expected);

  base::Descriptor socket_;  // that one takes its end for our failure
};

}  // namespace spillway::daemon
