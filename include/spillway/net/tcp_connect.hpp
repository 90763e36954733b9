#pragma once
// Opens TCP connections, one at a time. Cancelled by close().

#include <spillway/base/descriptor.hpp>
#include <spillway/base/result.hpp>
#include <spillway/net/readiness.hpp>
#include <spillway/net/task.hpp>

#include <boost/asio/ip/tcp.hpp>

namespace spillway::net {

class TcpConnect {
 public:
  explicit TcpConnect(Executor executor) : executor_(std::move(executor)) {}
  TcpConnect(const TcpConnect&) = delete;
  TcpConnect& operator=(const TcpConnect&) = delete;

  /// A connected socket that never blocks. Errors: connect_failed names the endpoint and why;
  /// no_capacity: no descriptor or memory is left for one more. The caller holds the deadline.
  Task<base::Result<base::Descriptor>> connect(asio::ip::tcp::endpoint endpoint);
  /// Ends a running connect(), with any error.
  void close();

 private:
  Task<int> finish(int socket);

  Executor executor_;
  Readiness* connecting_ = nullptr;
};

}  // namespace spillway::net
