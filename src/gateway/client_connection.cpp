#include <spillway/gateway/client_connection.hpp>
#include <spillway/gateway/worker_state.hpp>

#include <utility>

namespace spillway::gateway {

ClientConnection::ClientConnection(WorkerState& worker, ConnectionPlaces held,
                                   net::asio::ip::tcp::endpoint from)
    : peer(std::move(from)),
      places(std::move(held)),
      span(worker.wheel.now(), worker.random.next()),
      head_until(worker.wheel.now() + worker.snapshot->configuration.limits.header_timeout) {}

}  // namespace spillway::gateway
