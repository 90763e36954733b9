#pragma once
// A listening socket in the loop.

#include "bench/wire/conduit.hpp"
#include "bench/wire/poller.hpp"

#include <functional>
#include <sys/epoll.h>
#include <utility>

namespace spillway::bench {

class Listener final : public Watched {
 public:
  /// `begin` gets each connection.
  Listener(Poller& poller, int socket, TlsContext tls, std::function<void(Conduit)> begin)
      : socket_(socket), tls_(std::move(tls)), begin_(std::move(begin)) {
    poller.watch(socket_, EPOLLIN, *this);
  }

  void on_ready(std::uint32_t /*events*/) override {
    for (int came = accept_from(socket_); came >= 0; came = accept_from(socket_))
      begin_(Conduit(came, tls_, Conduit::Role::server));
  }

 private:
  int socket_;
  TlsContext tls_;
  std::function<void(Conduit)> begin_;
};

}  // namespace spillway::bench
