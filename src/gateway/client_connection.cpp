#include <spillway/gateway/client_connection.hpp>
#include <spillway/gateway/worker_state.hpp>

#include <utility>

namespace spillway::gateway {

ClientConnection new_connection(WorkerState& worker, std::unique_ptr<net::Stream> stream,
                                const net::asio::ip::tcp::endpoint& peer, ConnectionPlaces places) {
  const base::SteadyTime now = worker.wheel.now();
  return {std::move(stream), peer,
          std::move(places), ConnectionSpan(now, worker.random.next()),
          /*is_new=*/true,   now + worker.snapshot->configuration.limits.header_timeout};
}

}  // namespace spillway::gateway
