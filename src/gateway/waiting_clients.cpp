#include <spillway/gateway/client_side.hpp>
#include <spillway/gateway/waiting_clients.hpp>

#include <utility>

namespace spillway::gateway {

// Goes when the stream's callback comes, or is taken back: until then the callback means it.
class WaitingClients::Client {
 public:
  Client(WaitingClients& among, ClientConnection its, Limit limit)
      : connection_(std::move(its)),
        timer_{*connection_.stream, among.counters_, limit},
        deadline_(among.wheel_, [this] { timer_.pass(); }) {
    deadline_.set(connection_.head_until);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Null once it was taken.
  [[nodiscard]] net::Stream* stream() const { return connection_.stream.get(); }
  [[nodiscard]] bool is_new() const { return connection_.is_new; }
  ClientConnection take() {
    deadline_.clear();
    return std::move(connection_);
  }

 private:
  ClientConnection connection_;
  ClientTimer timer_;
  net::Deadline deadline_;
};

WaitingClients::WaitingClients(net::DeadlineWheel& wheel, LimitCounters& counters)
    : wheel_(wheel), counters_(counters) {}
WaitingClients::~WaitingClients() = default;

void WaitingClients::add(ClientConnection connection, Limit limit) {
  if (connection.stream->is_closed()) return;  // the system would not watch it: nobody would call
  clients_.emplace_front(*this, std::move(connection), limit);
  const Position place = clients_.begin();
  place->stream()->on_readable([this, place] { wake(place); });
}

// It was closed if its time was up.
void WaitingClients::wake(Position client) {
  ClientConnection connection = client->take();
  clients_.erase(client);
  if (connection.stream && !connection.stream->is_closed()) serve_(std::move(connection));
}

ClientConnection WaitingClients::take_early(Position client) {
  const bool is_callback_over = client->stream()->take_back_readable();
  ClientConnection connection = client->take();
  if (is_callback_over) clients_.erase(client);
  return connection;
}

void WaitingClients::close_idle() {
  for (Position next = clients_.begin(); next != clients_.end();) {
    const Position client = next++;
    if (client->stream() != nullptr && !client->is_new()) take_early(client);
  }
}

void WaitingClients::serve_all() {
  for (Position next = clients_.begin(); next != clients_.end();) {
    const Position client = next++;
    if (client->stream() != nullptr) serve_(take_early(client));
  }
}

}  // namespace spillway::gateway
