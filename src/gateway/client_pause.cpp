#include <spillway/gateway/client_pause.hpp>
#include <spillway/net/event.hpp>

namespace spillway::gateway {

net::Task<bool> pause_for(RequestContext& context, base::Duration duration) {
  net::Event over(context.worker.executor);
  net::Deadline end(context.worker.wheel, [&over] { over.notify(); });
  end.set(base::SteadyClock::now() + duration);
  context.client.ahead.watch([&over] { over.notify(); });
  co_await over.wait();
  context.client.ahead.ignore();
  co_return !context.client.ahead.is_client_gone() && !context.client.stream.is_closed();
}

}  // namespace spillway::gateway
