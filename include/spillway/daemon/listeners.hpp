#pragma once
// Where the workers listen, over reloads: what is configured anew is bound, what stays keeps its
// port and its waiting connections, certificates are read again. The control thread.

#include <spillway/base/clock.hpp>
#include <spillway/base/result.hpp>
#include <spillway/config/configuration.hpp>
#include <spillway/daemon/hand_over.hpp>
#include <spillway/daemon/inherited_sockets.hpp>
#include <spillway/daemon/worker.hpp>
#include <spillway/net/tls_context.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace spillway::daemon {

class Listeners {
 public:
  using Workers = std::vector<std::unique_ptr<Worker>>;

  /// Reads every certificate and binds every address that is new, on every worker; nothing accepts
  /// yet. What is wanted is then listened_on(). On an error, which names the address or file,
  /// nothing has changed.
  base::Result<void> prepare(const std::vector<config::Listener>& wanted, const Workers& workers);

  /// What the next prepare() may take instead of binding.
  [[nodiscard]] InheritedSockets& inherited() { return inherited_; }

  /// The sockets of each listener, of all workers. None after forget_sockets().
  [[nodiscard]] std::vector<NamedSockets> sockets() const;
  /// Before the workers close them.
  void forget_sockets() { descriptors_.clear(); }

  /// In the order of the configuration.
  [[nodiscard]] const std::vector<ListenOn>& listened_on() const { return listened_on_; }
  /// "http://127.0.0.1:8080" for each, with real ports.
  [[nodiscard]] std::vector<std::string> urls() const;

 private:
  using Descriptors = std::map<std::string, std::vector<int>>;

  base::Result<ListenOn> prepare_one(const config::Listener& listener, const std::string& name,
                                     const Workers& workers);
  base::Result<void> adopt(ListenOn& where, std::vector<base::Descriptor> sockets,
                           const Workers& workers);

  InheritedSockets inherited_;
  Descriptors descriptors_;  // by name; the workers'
  Descriptors opened_;       // those of a prepare() under way
  std::vector<ListenOn> listened_on_;
  // One for all listeners and for the life of the process: a reload ends no caller's session.
  std::shared_ptr<net::TicketKeys> tickets_ =
      std::make_shared<net::TicketKeys>(base::system_clock());
};

/// Reads every certificate, key and CA file; binds nothing. The error names the file.
base::Result<void> check_listener_tls(const std::vector<config::Listener>& listeners);

net::TlsVersion tls_version(config::TlsVersion configured);

/// `https://` or `http://`, address and port.
std::string url_of(const net::asio::ip::tcp::endpoint& endpoint, bool is_tls);

}  // namespace spillway::daemon
