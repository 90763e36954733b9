#include <spillway/gateway/connection_admission.hpp>
#include <spillway/gateway/reply.hpp>
#include <spillway/net/deadline.hpp>
#include <spillway/net/drop_input.hpp>
#include <spillway/net/tcp_stream.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace spillway::gateway {

using base::Error;
using base::Fault;
using base::Side;

namespace {

constexpr unsigned kMostTold = 16;  // at the same time, by one worker
constexpr auto kTellingTime = std::chrono::seconds(1);
constexpr std::size_t kMostDroppedBytes = 64U << 10U;

class Telling {
 public:
  explicit Telling(WorkerState& worker) : worker_(worker) { ++worker_.turning_away; }
  ~Telling() { --worker_.turning_away; }
  Telling(const Telling&) = delete;
  Telling& operator=(const Telling&) = delete;

 private:
  WorkerState& worker_;
};

}  // namespace

std::variant<ConnectionPlaces, Limit> admit_connection(ProcessState& process,
                                                       const config::Limits& limits,
                                                       const boost::asio::ip::address& peer,
                                                       Security security) {
  const auto refused_by = [&process](Limit limit) {
    process.limit_hits.count(limit);
    return limit;
  };
  const std::uint64_t fitting = process.connections_that_fit.load(std::memory_order_relaxed);
  const std::uint64_t most = std::min<std::uint64_t>(limits.max_connections, fitting);
  ConnectionPlaces places;
  places.connection = Place::take(process.client_connections, most);
  if (!places.connection.is_held()) {
    return refused_by(fitting < limits.max_connections ? Limit::descriptors
                                                       : Limit::max_connections);
  }
  if (limits.max_connections_per_address > 0) {
    places.address = process.addresses.take(peer, limits.max_connections_per_address);
    if (!places.address.is_held()) return refused_by(Limit::max_connections_per_address);
  }
  if (security == Security::tls) {
    places.handshake = Place::take(process.handshakes, limits.max_handshakes);
    if (!places.handshake.is_held()) return refused_by(Limit::max_handshakes);
  }
  return places;
}

std::string_view no_place_answer() {
  static const std::string answer = [] {
    Reply reply;
    reply.status = 503;
    reply.code = "spillway_overloaded";
    reply.message = "The gateway has no place for a further connection; try again in a moment.";
    reply.retry_after = std::chrono::seconds(1);
    return format_reply(reply, ReplyOptions());
  }();
  return answer;
}

bool can_tell(const WorkerState& worker) {
  return worker.turning_away < kMostTold;
}

net::Task<void> tell_no_place(WorkerState& worker, base::Descriptor socket) {
  const Telling telling(worker);
  net::TcpStream stream(worker.executor, std::move(socket), Side::client);
  const Error over(Fault::no_capacity, Side::gateway, "no place for the connection");
  net::Deadline deadline(worker.wheel, [&stream, &over] { stream.close(over); });
  deadline.set_after(kTellingTime);
  const std::string_view answer = no_place_answer();
  const std::array<net::asio::const_buffer, 1> pieces{net::asio::buffer(answer)};
  static_cast<void>(stream.try_write(pieces));
  stream.shutdown_write();
  co_await net::drop_input(stream, kMostDroppedBytes);
  stream.close(over);
}

}  // namespace spillway::gateway
