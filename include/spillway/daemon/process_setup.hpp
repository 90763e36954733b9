#pragma once
// What a process needs before it may serve for months: standard descriptors that are open, signals
// that do not kill it, secrets that stay out of core dumps. Called by `spillway serve` before
// anything else, once, while there is one thread.

namespace spillway::daemon {

/// Opens /dev/null for each of the numbers 0 to 2 that is closed: the next connection would get the
/// number, and log lines would be written into it.
void keep_standard_descriptors();

/// No core dump, and nobody but root may look into the memory: it holds keys and tokens.
void protect_memory();

/// A peer that is gone is an error of write and not our end (SIGPIPE); children that others left to
/// us, as the first process of a container, are none of ours to wait for (SIGCHLD); and a signal
/// that other servers know but we do not is no reason to end (SIGUSR2).
void ignore_signals();

}  // namespace spillway::daemon
