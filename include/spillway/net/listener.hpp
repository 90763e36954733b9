#pragma once
// Accepts connections on one worker and hands them on. Survives running out of descriptors: it
// backs off instead of spinning (Asio's accept returns EMFILE without end;
// docs/toolchain-notes.md).

#include <spillway/net/acceptor.hpp>
#include <spillway/net/task.hpp>

#include <functional>
#include <string>

namespace spillway::net {

class Listener {
 public:
  using OnAccept = std::function<void(TcpSocket)>;
  using OnTrouble = std::function<void(const std::string& what)>;

  /// `on_trouble` is called once per bout of failures, not for each.
  Listener(TcpAcceptor acceptor, OnAccept on_accept, OnTrouble on_trouble);

  /// Ends after close().
  Task<void> run();
  /// Hands on what has connected already, then stops listening.
  void close();
  /// Stops listening; what has connected waits for others who listen on the same socket.
  void leave();

 private:
  void accept_backlog();
  Task<void> back_off(const std::string& what);

  TcpAcceptor acceptor_;
  Timer pause_;
  OnAccept on_accept_;
  OnTrouble on_trouble_;
  bool is_in_trouble_ = false;
};

}  // namespace spillway::net
