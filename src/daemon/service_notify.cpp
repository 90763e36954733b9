#include <spillway/daemon/service_notify.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <sys/socket.h>
#include <sys/un.h>

namespace spillway::daemon {
namespace {

std::optional<std::uint64_t> setting_in(const identity::Environment& environment,
                                        std::string_view name) {
  const auto text = environment(name);
  if (!text) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

std::optional<base::Duration> interval_of(const identity::Environment& environment, pid_t self) {
  constexpr std::uint64_t kMostMicroseconds = 86'400'000'000;  // a day; beyond it it overflows
  const auto microseconds = setting_in(environment, "WATCHDOG_USEC");
  if (!microseconds || *microseconds == 0) return std::nullopt;
  const auto process = setting_in(environment, "WATCHDOG_PID");
  if (process && *process != static_cast<std::uint64_t>(self)) return std::nullopt;
  return std::chrono::microseconds(std::min(*microseconds, kMostMicroseconds)) / 2;
}

}  // namespace

ServiceNotify::ServiceNotify(const identity::Environment& environment, pid_t self) {
  const auto path = environment("NOTIFY_SOCKET");
  if (!path || path->empty() || path->size() > sizeof(sockaddr_un::sun_path)) return;
  if (path->front() != '/' && path->front() != '@') return;
  address_ = *path;
  if (address_.front() == '@') address_.front() = '\0';
  socket_ = base::Descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket_.is_open()) watchdog_interval_ = interval_of(environment, self);
}

void ServiceNotify::tell(std::string_view lines) const {
  if (!socket_.is_open()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(address_.begin(), address_.end(), address.sun_path);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  static_cast<void>(::sendto(socket_.number(), lines.data(), lines.size(),
                             MSG_NOSIGNAL | MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&address),
                             length));
}

std::string reloading_message(base::SteadyTime now) {
  const auto since_boot =
      std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch());
  std::string text = "RELOADING=1\nMONOTONIC_USEC=";
  text += std::to_string(since_boot.count());
  return text;
}

}  // namespace spillway::daemon
