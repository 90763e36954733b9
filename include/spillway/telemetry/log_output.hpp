#pragma once
// Where log lines end up: a bounded queue, and a thread of its own that writes them to a descriptor
// which may be exchanged at any time. Whoever logs never waits: not for a pipe that nobody reads,
// not for a slow disk. What finds the queue full is dropped and counted in a later line.

#include <spillway/base/descriptor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace spillway::telemetry {

class LogOutput {
 public:
  /// Of lines that wait; as much again may be on its way to the descriptor.
  static constexpr std::size_t kMaxQueuedBytes = 1U << 20U;
  /// The line that tells how many were lost.
  using Report = std::function<std::string(std::uint64_t count)>;

  /// `report` is called on the thread of this object.
  LogOutput(base::Descriptor destination, Report report);
  /// Writes what waits, for at most a second.
  ~LogOutput();
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;

  /// Any thread.
  void push(std::string line);
  /// From here on lines go there, those that still wait too; the old one is closed. Any thread.
  void redirect(base::Descriptor destination);
  /// Whether everything pushed before was written (or lost) within the time. Any thread.
  bool flush(std::chrono::milliseconds patience);
  /// Lines lost since the beginning: to a full queue, a full disk, a reader that left. Any thread.
  [[nodiscard]] std::uint64_t lost_count() const;

 private:
  struct Channel;
  std::shared_ptr<Channel> channel_;  // the thread's too: it may be stuck in the kernel at our end
};

}  // namespace spillway::telemetry
