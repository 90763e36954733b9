#pragma once
// Runs one coroutine to its end on an io_context of the test, and gives what it returned. Nothing
// if it is still waiting when nothing more can happen.

#include <spillway/net/task.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace spillway::support {

template <class T>
std::optional<T> run_task(net::asio::io_context& context, net::Task<T> task) {
  const auto result = std::make_shared<std::optional<T>>();  // the task may outlive this call
  net::asio::co_spawn(context.get_executor(), std::move(task),
                      [result](const std::exception_ptr& thrown, T value) {
                        if (thrown) std::rethrow_exception(thrown);
                        result->emplace(std::move(value));
                      });
  context.restart();
  context.run();
  return std::move(*result);
}

}  // namespace spillway::support
