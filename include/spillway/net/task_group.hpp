#pragma once
// The coroutines that run on their own on one worker: each is started here, none is detached, and
// the worker ends only when the group is empty.

#include <spillway/net/event.hpp>
#include <spillway/net/task.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace spillway::net {

class TaskGroup {
 public:
  /// `on_escaped`: told the text of an exception that left a task, which is a defect of ours.
  TaskGroup(Executor executor, std::function<void(const std::string&)> on_escaped)
      : executor_(executor), empty_(executor), on_escaped_(std::move(on_escaped)) {}

  void spawn(Task<void> task);
  /// Ends when no task runs.
  Task<void> wait_until_empty();

  [[nodiscard]] std::size_t size() const { return running_; }
  [[nodiscard]] std::uint64_t escaped_count() const { return escaped_; }

 private:
  void finished(const std::exception_ptr& exception);

  Executor executor_;
  Event empty_;
  std::function<void(const std::string&)> on_escaped_;
  std::size_t running_ = 0;
  std::uint64_t escaped_ = 0;
};

}  // namespace spillway::net
