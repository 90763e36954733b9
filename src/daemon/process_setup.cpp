#include <spillway/daemon/process_setup.hpp>

#include <csignal>
#include <fcntl.h>
#include <initializer_list>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace spillway::daemon {

void keep_standard_descriptors() {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    // The lowest free number is given, which is this one.
    if (::fcntl(number, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDWR));
  }
}

void protect_memory() {
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

void ignore_signals() {
  for (const int signal : {SIGPIPE, SIGCHLD, SIGUSR2})
    std::signal(signal, SIG_IGN);
}

}  // namespace spillway::daemon
