#pragma once
// Sessions that servers gave us, to shorten the next handshake with the same server. They belong to
// one client TlsContext, so to one set of authorities, and are kept by the name that was verified.
// OpenSSL verifies nothing when a session is resumed: so each remembers when its server's
// certificate was last verified, over any number of resumptions, and is dropped an hour later. Any
// thread.

#include <spillway/base/time.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct ssl_session_st;

namespace spillway::net {

struct TlsSession {
  std::string server_name;
  std::unique_ptr<ssl_session_st, void (*)(ssl_session_st*)> session;
  base::SteadyTime verified_at;
};

class TlsSessions {
 public:
  static constexpr std::size_t kMost = 8;
  static constexpr base::Duration kVerifiedFor = std::chrono::hours(1);

  /// The oldest goes where there are too many.
  void put(TlsSession session);
  /// The newest for this server. It is taken out: a ticket is shown once (RFC 8446 §C.4).
  std::optional<TlsSession> take(std::string_view server_name, base::SteadyTime now);
  [[nodiscard]] std::size_t count() const;

 private:
  mutable std::mutex mutex_;
  std::vector<TlsSession> kept_;  // the newest last
};

}  // namespace spillway::net
