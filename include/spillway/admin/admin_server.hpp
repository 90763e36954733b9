#pragma once
// The admin port: GET only, small answers, on the control thread. It shares nothing with the data
// plane but what its handlers read.

#include <spillway/base/secret.hpp>
#include <spillway/http/message.hpp>
#include <spillway/net/deadline.hpp>
#include <spillway/net/listener.hpp>
#include <spillway/net/task_group.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace spillway::admin {

struct AdminAnswer {
  unsigned status = 404;
  std::string content_type = "application/json";
  std::string body;
};

class AdminServer {
 public:
  /// Called on the control thread with the path without its query.
  using Handler = std::function<AdminAnswer(std::string_view path)>;

  /// `tasks` and `wheel` outlive this. A token that is not empty must be presented as
  /// `Authorization: Bearer`, but for /livez and /readyz, which orchestrators ask without one.
  AdminServer(net::Executor executor, base::Descriptor acceptor, net::TaskGroup& tasks,
              net::DeadlineWheel& wheel, Handler handler, base::Secret token = {});

  void start();
  /// Stops listening; answers under way go on.
  void close();
  /// As close(), but what waits to be accepted is left to another process with the same socket.
  void leave();

 private:
  net::Task<void> serve(base::Descriptor socket);
  [[nodiscard]] AdminAnswer answer(const http::RequestHead& request) const;
  [[nodiscard]] bool is_allowed(const http::RequestHead& request, std::string_view path) const;

  net::Executor executor_;
  net::TaskGroup& tasks_;
  net::DeadlineWheel& wheel_;
  Handler handler_;
  base::Secret token_;
  net::Listener listener_;
  unsigned connections_ = 0;
  bool has_left_ = false;
};

}  // namespace spillway::admin
