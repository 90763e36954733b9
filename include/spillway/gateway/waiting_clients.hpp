#pragma once
// The connections of one worker on which nothing is asked: just accepted, or idle for a while. Each
// is no more than its stream and a deadline, without a Session, a coroutine or a buffer, because
// most connections are idle most of the time. Once something comes they are handed on.

#include <spillway/gateway/client_connection.hpp>
#include <spillway/gateway/limit_counters.hpp>
#include <spillway/net/deadline.hpp>

#include <functional>
#include <list>
#include <utility>

namespace spillway::gateway {

class WaitingClients {
 public:
  /// Gets the connections that are to be served.
  using Serve = std::function<void(ClientConnection)>;

  WaitingClients(net::DeadlineWheel& wheel, LimitCounters& counters);
  ~WaitingClients();
  WaitingClients(const WaitingClients&) = delete;
  WaitingClients& operator=(const WaitingClients&) = delete;

  /// Before the first add().
  void on_request(Serve serve) { serve_ = std::move(serve); }
  /// Until something comes, or head_until; then it is closed and the limit counted.
  void add(ClientConnection connection, Limit limit);
  /// Closes those that have asked before.
  void close_idle();
  /// Hands all of them on as if something had come.
  void serve_all();

 private:
  class Client;
  using Position = std::list<Client>::iterator;
  void wake(Position client);
  ClientConnection take_early(Position client);

  net::DeadlineWheel& wheel_;
  LimitCounters& counters_;
  Serve serve_;
  std::list<Client> clients_;
};

}  // namespace spillway::gateway
