#pragma once
// SIGINT and SIGTERM end the loop; a connection that ends under OpenSSL's hands ends nothing.

#include <csignal>

namespace spillway::bench {

inline volatile std::sig_atomic_t is_stop_wanted = 0;

/// Without SA_RESTART, so that the wait for events ends too.
inline void stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { is_stop_wanted = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace spillway::bench
