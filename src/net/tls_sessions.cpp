#include <spillway/net/tls_sessions.hpp>

#include <algorithm>
#include <utility>

namespace spillway::net {

void TlsSessions::put(TlsSession session) {
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kMost) kept_.erase(kept_.begin());
  kept_.push_back(std::move(session));
}

std::optional<TlsSession> TlsSessions::take(std::string_view server_name, base::SteadyTime now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(kept_,
                [now](const TlsSession& one) { return now - one.verified_at >= kVerifiedFor; });
  const auto found = std::find_if(kept_.rbegin(), kept_.rend(), [&](const TlsSession& one) {
    return one.server_name == server_name;
  });
  if (found == kept_.rend()) return std::nullopt;
  TlsSession taken = std::move(*found);
  kept_.erase(std::next(found).base());
  return taken;
}

std::size_t TlsSessions::count() const {
  const std::lock_guard lock(mutex_);
  return kept_.size();
}

}  // namespace spillway::net
