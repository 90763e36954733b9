#pragma once
// Names to addresses, looked up in the background and remembered: whoever connects takes what is
// known now and never waits for DNS. getaddrinfo cannot be cancelled, so it runs on threads that
// exit does not wait for (docs/architecture.md §4).

#include <spillway/base/result.hpp>
#include <spillway/base/time.hpp>

#include <boost/asio/ip/address.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace spillway::net {

using Addresses = std::vector<boost::asio::ip::address>;

class Resolver {
 public:
  /// How a name is looked up, on a thread of that name's own; throws nothing. The default is
  /// getaddrinfo.
  using Lookup = std::function<base::Result<Addresses>(const std::string& host)>;

  Resolver();
  explicit Resolver(Lookup lookup);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Names to keep resolved from here on: looked up at once, again every 30 s, every 5 s while that
  /// fails. An IP literal is known at once. Any thread.
  void watch(const std::string& host);
  /// Waits until every watched name was looked up once, or the time is over.
  void wait_for_first(base::Duration at_most);
  /// Whether every watched name was looked up once. Any thread.
  [[nodiscard]] bool has_tried_all() const;

  /// What is known: the newest addresses, kept when a later look-up fails; dns_failed if there were
  /// never any. Any thread.
  [[nodiscard]] base::Result<std::shared_ptr<const Addresses>> addresses_of(
      const std::string& host) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace spillway::net
