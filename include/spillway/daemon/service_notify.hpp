#pragma once
// Tells the service manager how the daemon is (the protocol of sd_notify(3), without its library):
// ready, reloading, stopping, and alive as often as its watchdog wants. Without NOTIFY_SOCKET it
// tells nobody.

#include <spillway/base/descriptor.hpp>
#include <spillway/base/time.hpp>
#include <spillway/identity/environment.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace spillway::daemon {

class ServiceNotify {
 public:
  /// Tells nobody.
  ServiceNotify() = default;
  /// By NOTIFY_SOCKET (a path, or @ and an abstract name), WATCHDOG_USEC and WATCHDOG_PID. `self`:
  /// our process id; a watchdog that waits for another process is none of ours.
  ServiceNotify(const identity::Environment& environment, pid_t self);

  [[nodiscard]] bool is_heard() const { return socket_.is_open(); }
  /// Lines such as "READY=1\nSTATUS=…". Never waits; what cannot be sent is dropped. Any thread.
  void tell(std::string_view lines) const;
  /// How often WATCHDOG=1 must be told: half of what the manager waits. Nothing: it does not wait.
  [[nodiscard]] std::optional<base::Duration> watchdog_interval() const {
    return watchdog_interval_;
  }

 private:
  base::Descriptor socket_;
  std::string address_;  // the bytes of sun_path
  std::optional<base::Duration> watchdog_interval_;
};

/// "RELOADING=1" with the time that Type=notify-reload asks for.
std::string reloading_message(base::SteadyTime now);

}  // namespace spillway::daemon
