#include <spillway/net/task_group.hpp>

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <utility>

namespace spillway::net {

void TaskGroup::spawn(Task<void> task) {
  ++running_;
  asio::co_spawn(executor_, std::move(task),
                 [this](const std::exception_ptr& exception) { finished(exception); });
}

void TaskGroup::finished(const std::exception_ptr& exception) {
  --running_;
  if (exception) {
    ++escaped_;
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& error) {
      on_escaped_(error.what());
    } catch (...) {
      on_escaped_("an exception of unknown type");
    }
  }
  if (running_ == 0) empty_.notify();
}

Task<void> TaskGroup::wait_until_empty() {
  while (running_ > 0)
    co_await empty_.wait();
}

}  // namespace spillway::net
