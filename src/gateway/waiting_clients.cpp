#include <spillway/gateway/client_side.hpp>
#include <spillway/gateway/waiting_clients.hpp>

#include <memory>
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
    connection_.stream->on_readable([this, &among] { among.wake(*this); });
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Null once it was taken.
  [[nodiscard]] const net::Stream* stream() const { return connection_.stream.get(); }
  [[nodiscard]] bool is_new() const { return connection_.is_new; }
  ClientConnection take() {
    deadline_.clear();
    return std::move(connection_);
  }
  /// Whether the callback will not come any more.
  [[nodiscard]] bool take_back_callback() const { return connection_.stream->take_back_readable(); }

  Client* previous = nullptr;
  Client* next = nullptr;

 private:
  ClientConnection connection_;
  ClientTimer timer_;
  net::Deadline deadline_;
};

WaitingClients::~WaitingClients() {
  while (first_ != nullptr)
    remove(*first_);
}

void WaitingClients::add(ClientConnection connection, Limit limit) {
  if (connection.stream->is_closed()) return;  // the system would not watch it: nobody would call
  auto client = std::make_unique<Client>(*this, std::move(connection), limit);
  client->next = first_;
  if (first_ != nullptr) first_->previous = client.get();
  first_ = client.release();  // remove() is its end
}

void WaitingClients::remove(Client& client) {
  (client.previous != nullptr ? client.previous->next : first_) = client.next;
  if (client.next != nullptr) client.next->previous = client.previous;
  delete &client;
}

ClientConnection WaitingClients::take_early(Client& client) {
  const bool is_over = client.take_back_callback();
  ClientConnection connection = client.take();
  if (is_over) remove(client);
  return connection;
}

// It was closed if its time was up.
void WaitingClients::wake(Client& client) {
  ClientConnection connection = client.take();
  remove(client);
  if (connection.stream && !connection.stream->is_closed()) serve_(std::move(connection));
}

void WaitingClients::close_idle() {
  for (Client* client = first_; client != nullptr;) {
    Client& looked_at = *std::exchange(client, client->next);
    if (looked_at.stream() != nullptr && !looked_at.is_new()) take_early(looked_at);
  }
}

void WaitingClients::serve_all() {
  for (Client* client = first_; client != nullptr;) {
    Client& looked_at = *std::exchange(client, client->next);
    if (looked_at.stream() != nullptr) serve_(take_early(looked_at));
  }
}

}  // namespace spillway::gateway
